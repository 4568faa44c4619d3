/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The question of those who let in: its words, what counts as a yes, and that a daemon which starts
 * again is waited for. The daemon is a child of this test; as root, since none else is believed.
 */
#include "check.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "root.h"
#include "unit.h"

static char folder[64] = "/tmp/test-check.XXXXXX";
static char path[100];

/* ---- time ---- */

/* A daemon is given two seconds, which a busy machine can take from one that answers at once. So, unless a
 * case is about just that, time stands still for who asks; its pauses are real. */
static bool time_stands;

int clock_gettime(clockid_t clock, struct timespec *now)
{
	if (!time_stands || clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, now);
	*now = (struct timespec){.tv_sec = 1};
	return 0;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec limit = {.tv_sec = timeout_ms / 1000,
				 .tv_nsec = timeout_ms % 1000 * 1000000L};
	bool for_ever = timeout_ms < 0 || (time_stands && count > 0);
	return ppoll(fds, count, for_ever ? NULL : &limit, NULL);
}

/* ---- the daemon's part ---- */

struct part {
	int late_ms;         /* that long there is no socket */
	unsigned hangs_up;   /* on so many, before it answers the next */
	const char *expects; /* the question; null: any */
	const char *says;    /* null: nothing, ever */
};

static int listen_there(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strcpy(address.sun_path, path);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(listener, 8) != 0)
		_exit(2);
	return listener;
}

static _Noreturn void play(const struct part *part)
{
	char question[ASK_LINE + 1] = "";
	alarm(60);
	poll(NULL, 0, part->late_ms);
	int listener = listen_there(), peer;
	for (unsigned i = 0; i < part->hangs_up; i++)
		close(accept(listener, NULL, NULL));
	peer = accept(listener, NULL, NULL);
	ssize_t size = read(peer, question, ASK_LINE);
	if (size > 0)
		question[size - 1] = '\0';
	if (part->expects != NULL && strcmp(question, part->expects) != 0) {
		fprintf(stderr, "# asked \"%s\"\n", question);
		_exit(1);
	}
	while (part->says == NULL)
		pause();
	_exit(write(peer, part->says, strlen(part->says)) < 0);
}

/* Asks while that part is played; the reason, or "yes". */
static const char *asked(const struct check *check, const struct part *part)
{
	static struct check_answer answer;
	int status;
	unlink(path);
	pid_t pid = fork();
	if (pid == 0)
		play(part);
	while (part->late_ms == 0 && access(path, F_OK) != 0)
		poll(NULL, 0, 5);
	time_stands = part->says != NULL;
	bool yes = check_ask(&answer, path, check);
	time_stands = false;
	if (part->says == NULL)
		kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, part->says == NULL ? SIGKILL : 0);
	assert_int_equal(yes, answer.reason[0] == '\0');
	return yes ? "yes" : answer.reason;
}

/* ---- */

#define YES "yes key=alice age=3 grant=17\n"

static struct check plain;

static void a_question_has_what_was_given(void **state)
{
	static const struct door ssh = {.port = 22, .proto = DOOR_TCP};
	struct check check = plain;
	(void)state;
	assert_string_equal(
	    asked(&check, &(struct part){.expects = "check 192.0.2.7", .says = YES}), "yes");
	check.user = "al ice\n%";
	check.door = &ssh;
	check.has_max_age = true;
	check.consume = true;
	assert_string_equal(
	    asked(&check, &(struct part){.expects = "check 192.0.2.7 user=al%20ice%0A%25 "
						    "door=tcp/22 max-age=0 consume",
					 .says = YES}),
	    "yes");
	check = plain;
	check.by = "pam";
	check.service = "a service of a long name";
	check.login = "al ice";
	assert_string_equal(
	    asked(&check,
		  &(struct part){.expects = "check 192.0.2.7 by=pam "
					    "service=a%20service%20of%20a%20 login=al%20ice",
				 .says = YES}),
	    "yes");
}

/* The longest that there can be still fits into a line, and is not cut. */
static void the_longest_question(void **state)
{
	static const struct door far = {.port = 65535, .proto = DOOR_SCTP};
	char user[257], expected[ASK_LINE] = "check 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff user=";
	struct check check = {.user = user,
			      .door = &far,
			      .has_max_age = true,
			      .max_age_s = UINT32_MAX,
			      .consume = true,
			      .by = "tcpd",
			      .service =
				  "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
			      .login = user};
	(void)state;
	assert_int_equal(address_parse(&check.address, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
			 0);
	memset(user, '\x80', 256);
	user[256] = '\0';
	for (int i = 0; i < 256; i++)
		strcat(expected, "%80");
	strcat(expected, " door=sctp/65535 max-age=4294967295 consume by=tcpd service=");
	for (int i = 0; i < 15; i++)
		strcat(expected, "%80");
	assert_string_equal(asked(&check, &(struct part){.expects = expected, .says = YES}), "yes");
}

static void only_a_plain_yes_is_one(void **state)
{
	static const struct {
		const char *line, *reason;
	} cases[] = {
	    {"yes key=alice age=3 grant=17", ""},
	    {"no reason=no-knock", "no-knock"},
	    {"no reason=old", "old"},
	    {"no reason=abcdefghijklmnopqrstuvwxyzabcdef", "abcdefghijklmnopqrstuvwxyzabcdef"},
	    {"no reason=abcdefghijklmnopqrstuvwxyzabcdefg", "no-daemon"},
	    {"", "no-daemon"},
	    {"yes", "no-daemon"},
	    {"yes ", "no-daemon"},
	    {" yes key=alice", "no-daemon"},
	    {"YES key=alice", "no-daemon"},
	    {"no reason=", "no-daemon"},
	    {"no reason=no knock", "no-daemon"},
	    {"no reason=no-knock user=root", "no-daemon"},
	    {"no reason=NO", "no-daemon"},
	    {"error reason=malformed", "no-daemon"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char reason[CHECK_REASON];
		assert_int_equal(check_read(reason, cases[i].line), cases[i].reason[0] == '\0');
		assert_string_equal(reason, cases[i].reason);
	}
}

static void a_daemon_that_starts_is_waited_for(void **state)
{
	(void)state;
	assert_string_equal(asked(&plain, &(struct part){.late_ms = 500, .says = YES}), "yes");
	assert_string_equal(
	    asked(&plain, &(struct part){.late_ms = 500, .says = "no reason=no-knock\n"}),
	    "no-knock");
}

static void one_that_ends_before_it_answers_is_asked_again(void **state)
{
	(void)state;
	assert_string_equal(asked(&plain, &(struct part){.hangs_up = 3, .says = YES}), "yes");
}

static void nobody_and_a_mute_one(void **state)
{
	struct check_answer answer;
	(void)state;
	unlink(path);
	assert_false(check_ask(&answer, path, &plain));
	assert_string_equal(answer.reason, "no-daemon");
	assert_non_null(strstr(answer.error.text, "is posternd running?"));
	assert_string_equal(asked(&plain, &(struct part){.says = NULL}), "timeout");
}

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/control.sock", folder);
	return address_parse(&plain.address, "192.0.2.7");
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_question_has_what_was_given),
	    cmocka_unit_test(the_longest_question),
	    cmocka_unit_test(only_a_plain_yes_is_one),
	    cmocka_unit_test(a_daemon_that_starts_is_waited_for),
	    cmocka_unit_test(one_that_ends_before_it_answers_is_asked_again),
	    cmocka_unit_test(nobody_and_a_mute_one),
	};
	if (!root_become()) {
		printf("1..0 # SKIP neither root nor allowed to make a user namespace\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
