/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module as built, loaded by Linux-PAM from a service file of ours: no root, nothing installed.
 * What answers is a child of this test that says, or does not say, what a case wants.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

static char folder[64] = "/tmp/test-pam.XXXXXX";
static char module[1024], socket_path[100];
static char logged[4096];
static bool others; /* may we become somebody else? */

/* Linux-PAM logs by syslog(3), which it finds here. */
__attribute__((format(printf, 1, 0))) static void keep_log(const char *format, va_list arguments)
{
	size_t used = strlen(logged);
	vsnprintf(logged + used, sizeof logged - used, format, arguments);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list arguments;
	(void)priority, (void)flag;
	va_start(arguments, format);
	keep_log(format, arguments);
	va_end(arguments);
}

#undef syslog /* a macro, to compilers that lack __va_arg_pack */
void syslog(int priority, const char *format, ...)
{
	va_list arguments;
	(void)priority;
	va_start(arguments, format);
	keep_log(format, arguments);
	va_end(arguments);
}

/* ---- time ---- */

/* The module gives a daemon two seconds, which a busy machine can take from one that answers at once.
 * So the time that it sees is ours, unless a case is about just that: only its own pauses make it go on. */
static bool time_is_ours;
static int64_t passed_ms;

int clock_gettime(clockid_t clock, struct timespec *now)
{
	if (!time_is_ours || clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, now);
	*now = (struct timespec){.tv_sec = passed_ms / 1000, .tv_nsec = passed_ms % 1000 * 1000000};
	return 0;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec limit = {.tv_sec = timeout_ms / 1000,
				 .tv_nsec = timeout_ms % 1000 * 1000000L};
	if (!time_is_ours)
		return ppoll(fds, count, timeout_ms >= 0 ? &limit : NULL, NULL);
	if (count > 0)
		return ppoll(fds, count, NULL, NULL);
	passed_ms += timeout_ms;
	return 0;
}

/* ---- the daemon's part ---- */

struct part {
	const char *expects; /* the question; null: any */
	const char *says; /* the answer with its newline; null: nothing, and keeps the line open */
	bool nobody;      /* listens as another user than root */
	bool then_mute;   /* asked again, says nothing */
};

static void play(int listener, const struct part *part)
{
	char question[1024] = "";
	int peer = accept(listener, NULL, NULL);
	ssize_t size = peer >= 0 ? read(peer, question, sizeof question - 1) : -1;
	if (size > 0)
		question[size - 1] = '\0';
	if (part->expects != NULL && strcmp(question, part->expects) != 0) {
		fprintf(stderr, "# asked \"%s\"\n", question);
		_exit(1);
	}
	if (part->says == NULL)
		pause();
	size_t length = strlen(part->says);
	if (write(peer, part->says, length) != (ssize_t)length)
		_exit(1);
	close(peer);
	if (part->then_mute) { /* until the module hangs up */
		peer = accept(listener, NULL, NULL);
		while (read(peer, question, sizeof question) > 0)
			;
	}
	_exit(0);
}

static pid_t start(const struct part *part)
{
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		int listener = socket(AF_UNIX, SOCK_STREAM, 0);
		alarm(20);
		strcpy(address.sun_path, socket_path);
		if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
		    chmod(socket_path, 0666) != 0 || (part->nobody && setuid(65534) != 0) ||
		    listen(listener, 4) != 0 || write(ready[1], "", 1) != 1)
			_exit(2);
		play(listener, part);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

/* Did it hear what it expected? One that keeps silent is ended. */
static void end(pid_t pid, const struct part *part)
{
	int status;
	if (part->says == NULL)
		kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (part->says != NULL)
		assert_int_equal(status, 0);
	unlink(socket_path);
}

/* ---- the login ---- */

struct login {
	const char *options, *user, *host;
	bool factor; /* auth, not account */
};

static void write_service(const char *name, const char *type, const char *options)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%s required %s socket=%s %s\n", type, module, socket_path, options);
	assert_int_equal(fclose(file), 0);
}

static int log_in(const struct login *login)
{
	static const struct pam_conv conversation = {0};
	pam_handle_t *pamh = NULL;
	logged[0] = '\0';
	write_service("sshd", login->factor ? "auth" : "account", login->options);
	assert_int_equal(pam_start_confdir("sshd", login->user, &conversation, folder, &pamh),
			 PAM_SUCCESS);
	if (login->host != NULL)
		assert_int_equal(pam_set_item(pamh, PAM_RHOST, login->host), PAM_SUCCESS);
	int result = login->factor ? pam_authenticate(pamh, 0) : pam_acct_mgmt(pamh, 0);
	if (login->factor && result == PAM_SUCCESS)
		result = pam_setcred(pamh, PAM_ESTABLISH_CRED);
	pam_end(pamh, result);
	return result;
}

static void expect(struct login login, struct part part, int result, const char *log)
{
	pid_t pid = start(&part);
	time_is_ours = part.says != NULL && !part.then_mute;
	int got = log_in(&login);
	time_is_ours = false;
	end(pid, &part);
	if (got != result)
		fail_msg("%s: %d instead of %d; %s", login.options, got, result, logged);
	if (log != NULL && strstr(logged, log) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", logged, log);
	if (log == NULL)
		assert_string_equal(logged, "");
}

/* Nobody is asked. */
static void expect_alone(struct login login, int result, const char *log)
{
	time_is_ours = true;
	int got = log_in(&login);
	time_is_ours = false;
	if (got != result)
		fail_msg("%s: %d instead of %d; %s", login.options, got, result, logged);
	if (log != NULL && strstr(logged, log) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", logged, log);
	if (log == NULL)
		assert_string_equal(logged, "");
}

#define YES "yes key=alice age=3 grant=17\n"

static void asks_what_the_options_say(void **state)
{
	static const struct {
		const char *options, *question;
		bool factor;
	} cases[] = {
	    {"", "check 192.0.2.7 door=tcp/22 by=pam service=sshd login=alice", false},
	    {"", "check 192.0.2.7 door=tcp/22 by=pam service=sshd login=alice", true},
	    {"door=any", "check 192.0.2.7 by=pam service=sshd login=alice", false},
	    {"door=udp/1194", "check 192.0.2.7 door=udp/1194 by=pam service=sshd login=alice",
	     false},
	    {"max_age=60s",
	     "check 192.0.2.7 door=tcp/22 max-age=60 by=pam service=sshd login=alice", false},
	    {"max_age=2m match_user",
	     "check 192.0.2.7 user=alice door=tcp/22 max-age=120 by=pam service=sshd", false},
	    {"consume", "check 192.0.2.7 door=tcp/22 consume by=pam service=sshd login=alice",
	     false},
	    {"consume", "check 192.0.2.7 door=tcp/22 by=pam service=sshd login=alice", true},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect((struct login){cases[i].options, "alice", "192.0.2.7", cases[i].factor},
		       (struct part){cases[i].question, YES, false, false}, PAM_SUCCESS, NULL);
}

static void addresses_of_both_families(void **state)
{
	static const struct {
		const char *host, *question;
	} cases[] = {
	    {"2001:db8::7", "check 2001:db8::7 door=tcp/22 by=pam service=sshd login=alice"},
	    {"::ffff:192.0.2.7", "check 192.0.2.7 door=tcp/22 by=pam service=sshd login=alice"}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect((struct login){"", "alice", cases[i].host, false},
		       (struct part){cases[i].question, YES, false, false}, PAM_SUCCESS, NULL);
}

/* Each entry, for each answer. */
static void expect_both(struct part part, bool in, const char *reason)
{
	for (int factor = 0; factor < 2; factor++) {
		struct login login = {"", "alice", "192.0.2.7", factor == 1};
		char log[128];
		snprintf(log, sizeof log,
			 "pam_postern(sshd:%s): event=denied by=pam addr=192.0.2.7 user=alice "
			 "reason=%s service=sshd",
			 factor ? "auth" : "account", reason);
		expect(login, part,
		       in       ? PAM_SUCCESS
		       : factor ? PAM_AUTH_ERR
				: PAM_PERM_DENIED,
		       in ? NULL : log);
	}
}

static void a_yes_is_a_yes(void **state)
{
	(void)state;
	expect_both((struct part){NULL, YES, false, false}, true, "");
}

static void a_no_is_a_no(void **state)
{
	static const char *const reasons[] = {"no-knock", "door",    "old",      "user",
					      "consumed", "blocked", "malformed"};
	(void)state;
	for (size_t i = 0; i < COUNT(reasons); i++) {
		char answer[64];
		snprintf(answer, sizeof answer, "no reason=%s\n", reasons[i]);
		expect_both((struct part){NULL, answer, false, false}, false, reasons[i]);
	}
}

static void a_lying_daemon(void **state)
{
	static const char *const answers[] = {
	    "",
	    "\n",
	    "yes\n",
	    "YES key=alice\n",
	    "no reason=\n",
	    "maybe\n",
	    "no reason=a b\n",
	    "no reason=no-knock user=root\n",
	    "yes key=alice",
	    "\x01yes key=alice\n",
	    "no reason=averyveryverylongreasonthatnodaemonofoursgives\n"};
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++)
		expect_both((struct part){NULL, answers[i], false, false}, false, "no-daemon");
}

static void no_daemon_and_a_mute_one(void **state)
{
	(void)state;
	expect_alone((struct login){"", "alice", "192.0.2.7", false}, PAM_PERM_DENIED,
		     "reason=no-daemon");
	expect_both((struct part){NULL, NULL, false, false}, false, "timeout");
	expect((struct login){"", "alice", "192.0.2.7", false},
	       (struct part){NULL, "", false, true}, PAM_PERM_DENIED, "reason=no-daemon");
}

static void a_socket_that_is_not_the_daemons(void **state)
{
	(void)state;
	expect_both((struct part){NULL, NULL, true, false}, false, "no-daemon");
}

static void options_that_are_wrong(void **state)
{
	static const char *const options[] = {
	    "alwaysok",        "max_age=",   "max_age=-1",         "max_age=soon",     "max_age=0",
	    "door=22",         "door=",      "allow=here",         "allow=",           "consume=1",
	    "socket=relative", "Match_user", "allow=192.0.2.7/33", "max_age=1 debug=2"};
	(void)state;
	for (size_t i = 0; i < COUNT(options); i++)
		expect_alone((struct login){options[i], "alice", "192.0.2.7", false},
			     PAM_PERM_DENIED, "reason=bad-option");
}

static void hosts_that_are_no_address(void **state)
{
	static const char *const hosts[] = {"gate.example.org", "192.0.2.7 ", "192.0.2.256",
					    "fe80::1%eth0",     "localhost",  "UNKNOWN"};
	(void)state;
	for (size_t i = 0; i < COUNT(hosts); i++)
		expect_alone((struct login){"allow=local", "alice", hosts[i], false},
			     PAM_PERM_DENIED, "reason=not-an-address");
	expect_alone((struct login){"", "alice", NULL, false}, PAM_PERM_DENIED,
		     "reason=not-an-address");
	expect_alone((struct login){"", "alice", "", false}, PAM_PERM_DENIED,
		     "reason=not-an-address");
}

static void the_console_and_allowed_networks(void **state)
{
	(void)state;
	expect_alone((struct login){"allow=local", "alice", NULL, false}, PAM_SUCCESS, NULL);
	expect_alone((struct login){"allow=10.0.0.0/8,192.0.2.0/24", "alice", "192.0.2.7", false},
		     PAM_SUCCESS, NULL);
	expect_alone((struct login){"allow=2001:db8::/32", "alice", "2001:db8::7", true},
		     PAM_SUCCESS, NULL);
	expect_alone((struct login){"allow=192.0.2.0/28", "alice", "192.0.2.16", false},
		     PAM_PERM_DENIED, "reason=no-daemon");
}

/* sshd hands on whatever the client calls itself. */
static void names_made_to_inject(void **state)
{
	static const char *const names[] = {"alice consume", "alice\ncheck 192.0.2.9", "a\tb",
					    "\x7f", "al ice door=any"};
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		expect_alone((struct login){"match_user", names[i], "192.0.2.7", false},
			     PAM_PERM_DENIED, "reason=malformed");
		assert_null(strchr(logged, '\n'));
	}
	expect((struct login){"match_user", "al=ice%", "192.0.2.7", false},
	       (struct part){"check 192.0.2.7 user=al%3Dice%25 door=tcp/22 by=pam service=sshd",
			     YES, false, false},
	       PAM_SUCCESS, NULL);
}

/* Root in a user namespace, so that what listens here is what root would be; 0 or -1. */
static int become_root(void)
{
	static const char *const files[] = {"/proc/self/setgroups", "/proc/self/uid_map",
					    "/proc/self/gid_map"};
	unsigned ids[] = {0, getuid(), getgid()};
	if (unshare(CLONE_NEWUSER) != 0)
		return -1;
	for (size_t i = 0; i < COUNT(files); i++) {
		FILE *file = fopen(files[i], "w");
		if (file == NULL)
			return -1;
		if (i == 0)
			fputs("deny", file);
		else
			fprintf(file, "0 %u 1", ids[i]);
		if (fclose(file) != 0)
			return -1;
	}
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	const char *builddir = getenv("builddir");
	snprintf(module, sizeof module, "%s/pam/.libs/pam_postern.so",
		 builddir != NULL ? builddir : ".");
	if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0)
		return -1;
	snprintf(socket_path, sizeof socket_path, "%s/control.sock", folder);
	write_service("other", "account", ""); /* Linux-PAM complains without */
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"sshd", "other", "control.sock"};
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(asks_what_the_options_say),
	    cmocka_unit_test(addresses_of_both_families),
	    cmocka_unit_test(a_yes_is_a_yes),
	    cmocka_unit_test(a_no_is_a_no),
	    cmocka_unit_test(a_lying_daemon),
	    cmocka_unit_test(no_daemon_and_a_mute_one),
	    cmocka_unit_test(options_that_are_wrong),
	    cmocka_unit_test(hosts_that_are_no_address),
	    cmocka_unit_test(the_console_and_allowed_networks),
	    cmocka_unit_test(names_made_to_inject),
	    cmocka_unit_test(a_socket_that_is_not_the_daemons),
	};
	others = getuid() == 0;
	if (!others && become_root() != 0) {
		printf("1..0 # SKIP neither root nor allowed to make a user namespace\n");
		return 0;
	}
	/* The last needs a second user. */
	return _cmocka_run_group_tests("tests", tests, COUNT(tests) - !others, set_up, tear_down);
}
