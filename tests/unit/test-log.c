/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

enum { SYSLOG, OURS };

static int pair[2] = {-1, -1};

/* Each test has a syslog of its own: the other end of a datagram pair. */
static int start(void **state)
{
	(void)state;
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	log_start("postern-test", pair[OURS]);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	close(pair[OURS]);
	if (pair[SYSLOG] >= 0)
		close(pair[SYSLOG]);
	return 0;
}

static const char *received(void)
{
	static char datagram[4096];
	ssize_t size = recv(pair[SYSLOG], datagram, sizeof datagram - 1, 0);

	if (size < 0)
		return NULL;
	datagram[size] = '\0';
	assert_int_equal(strlen(datagram), size);
	return datagram;
}

/* What follows "<pri>Mon DD HH:MM:SS name[pid]: ". */
static const char *received_text(void)
{
	const char *datagram = received();

	assert_non_null(datagram);
	const char *text = strstr(datagram, "]: ");
	assert_non_null(text);
	return text + 3;
}

static void a_line_has_the_form_of_local_syslog(void **state)
{
	static const struct {
		void (*log)(const char *, ...);
		const char *pri;
	} levels[] = {{log_info, "<86>"}, {log_warn, "<84>"}, {log_error, "<83>"}};
	char expected[128], when[2][32];

	(void)state;
	for (size_t i = 0; i < COUNT(levels); i++) {
		time_t before = time(NULL), after;
		levels[i].log("%d of %s", 7, "nine");
		after = time(NULL);
		strftime(when[0], sizeof when[0], "%b %e %H:%M:%S", localtime(&before));
		strftime(when[1], sizeof when[1], "%b %e %H:%M:%S", localtime(&after));
		const char *line = received();
		assert_non_null(line);
		bool early = strncmp(line + 4, when[0], 15) == 0;
		snprintf(expected, sizeof expected, "%s%s postern-test[%ld]: 7 of nine",
			 levels[i].pri, when[early ? 0 : 1], (long)getpid());
		assert_string_equal(line, expected);
		assert_null(received());
	}
}

static void control_characters_become_question_marks(void **state)
{
	char text[257];

	(void)state;
	for (unsigned c = 1; c < 256; c++)
		text[c - 1] = (char)c;
	text[255] = '\0';
	log_info("%s", text);
	const char *line = received_text();
	assert_int_equal(strlen(line), 255);
	for (unsigned c = 1; c < 256; c++)
		assert_int_equal((unsigned char)line[c - 1],
				 c < 32 || (c >= 127 && c < 160) ? '?' : c);
	log_info("one\ntwo\r\n\033[2J \302\233 \303\274 \342\200\256 \342\202\254");
	assert_string_equal(received_text(), "one?two???[2J ?? \303\274 ??? \342\202\254");
}

static void a_long_line_is_cut(void **state)
{
	char text[8192];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_info("%s", text);
	assert_int_equal(strlen(received_text()), 1023);
}

static void errno_is_kept(void **state)
{
	struct log_event event;

	(void)state;
	close(pair[SYSLOG]);
	pair[SYSLOG] = -1;
	errno = 4711;
	log_info("nobody hears");
	assert_int_equal(errno, 4711);
	log_event(&event, LOG_NOTICE, "noise");
	log_send(&event);
	assert_int_equal(errno, 4711);
	assert_false(log_works());
	stop(state);
	assert_int_equal(start(state), 0);
	errno = 4711;
	log_info("back");
	assert_int_equal(errno, 4711);
}

static void an_event_is_pairs(void **state)
{
	struct address four = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7}};
	struct address six = {{0x20, 1, 0xd, 0xb8, [15] = 1}};
	struct door door = {.proto = DOOR_TCP, .port = 22};
	struct log_event e;

	(void)state;
	log_event(&e, LOG_NOTICE, "opened");
	log_text(&e, "key", "alice");
	log_id(&e, "id", 0x0011aabb);
	log_address(&e, "addr", &four);
	log_address(&e, "other", &six);
	log_door(&e, "door", &door);
	log_span(&e, "for", 90);
	log_moment(&e, "until", 1795460400000);
	log_number(&e, "grant", 17);
	log_number(&e, "least", INT64_MIN);
	log_signed(&e, "skew", 312);
	log_signed(&e, "behind", -5);
	log_signed(&e, "none", 0);
	log_send(&e);
	const char *line = received();
	assert_non_null(line);
	assert_memory_equal(line, "<85>", 4);
	assert_string_equal(strstr(line, "]: ") + 3,
			    "event=opened key=alice id=0011aabb addr=192.0.2.7 other=2001:db8::1 "
			    "door=tcp/22 for=90s until=2026-11-23T19:00:00Z grant=17 "
			    "least=-9223372036854775808 skew=+312 behind=-5 none=+0");
}

static void values_are_percent_encoded(void **state)
{
	struct log_event e;

	(void)state;
	log_event(&e, LOG_NOTICE, "denied");
	log_text(&e, "user", "root\n event=opened key=x%=");
	log_text(&e, "empty", "");
	log_text(&e, "plain", "Az09._:/@+,-");
	log_send(&e);
	assert_string_equal(received_text(), "event=denied user=root%0A%20event%3Dopened%20key%3Dx"
					     "%25%3D empty= plain=Az09._:/@+,-");
}

/* Whatever is put into it, the line stays a line of whole fields. */
static void a_full_event_leaves_fields_out_whole(void **state)
{
	char value[2048];
	struct log_event e;

	(void)state;
	for (size_t size = 0; size < sizeof value; size += 7) {
		memset(value, '\n', size);
		value[size] = '\0';
		log_event(&e, LOG_NOTICE, "denied");
		for (unsigned i = 0; i < 9; i++)
			log_text(&e, "user", value);
		log_text(&e, "last", "x");
		assert_true(e.used < sizeof e.line);
		assert_int_equal(strlen(e.line), e.used);
		assert_int_equal(strspn(e.line, "abcdefghijklmnopqrstuvwxyz= %0A"), e.used);
		for (const char *at = e.line; (at = strchr(at, '%')) != NULL; at++)
			assert_memory_equal(at, "%0A", 3);
		size_t cut = size * 3 < 255 ? size * 3 : 255;
		size_t expected = 12 + 9 * (6 + cut) + 7;
		if (expected < sizeof e.line)
			assert_int_equal(e.used, expected);
		else
			assert_true(e.used >= 12 + 3 * (6 + cut));
	}
}

/* A receiver that does not read: lines are lost, counted, and told once it reads again. */
static void what_syslog_did_not_take_is_told_later(void **state)
{
	unsigned sent = 0, taken = 0;
	char expected[128];

	(void)state;
	while (sent < 100000) {
		char text[32];
		snprintf(text, sizeof text, "line %u", sent);
		log_info("%s", text);
		sent++;
		if (send(pair[OURS], "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) != 0)
			break;
	}
	log_info("lost");
	log_info("lost");
	assert_true(log_works());
	for (const char *line; (line = received()) != NULL;)
		if (strstr(line, "]: line ") != NULL)
			taken++;
	log_info("again");
	snprintf(expected, sizeof expected, "log lines lost, which syslog did not take: %u",
		 sent + 2 - taken);
	assert_string_equal(received_text(), expected);
	assert_string_equal(received_text(), "again");
	log_info("and no more of that");
	assert_string_equal(received_text(), "and no more of that");
	assert_null(received());
}

static void a_syslog_that_is_gone_is_seen(void **state)
{
	(void)state;
	log_info("first");
	assert_true(log_works());
	close(pair[SYSLOG]);
	pair[SYSLOG] = -1;
	log_info("second");
	assert_false(log_works());
	log_info("third");
	/* Another socket, and all is well; the gap is told. */
	stop(state);
	assert_int_equal(start(state), 0);
	assert_true(log_works());
	log_info("fourth");
	assert_string_equal(received_text(), "log lines lost, which syslog did not take: 2");
	assert_string_equal(received_text(), "fourth");
}

/* Runs body in a child whose stderr is a datagram socket, so that each write is seen as one. */
static int in_child(void (*body)(void), char *text, size_t size)
{
	int ends[2], status;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		body();
		_exit(77);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ssize_t got = recv(ends[0], text, size - 1, 0);
	text[got > 0 ? got : 0] = '\0';
	assert_int_equal(recv(ends[0], text, 0, 0), -1);
	close(ends[0]);
	close(ends[1]);
	return status;
}

static void say(void)
{
	log_start("postern-test", -1);
	log_info("hel%s\n", "lo");
}

static void die_of_the_world(void)
{
	log_start("postern-test", -1);
	log_fatal("cannot open %s", "/etc/postern/keys");
}

static void die_of_us(void)
{
	log_start("postern-test", -1);
	log_bug("%d", 7);
}

static void stderr_gets_a_line_in_one_write(void **state)
{
	char text[128];
	int status = in_child(say, text, sizeof text);

	(void)state;
	assert_int_equal(WEXITSTATUS(status), 77);
	assert_string_equal(text, "postern-test: hello?\n");
}

static void fatal_exits_with_3(void **state)
{
	char text[128];
	int status = in_child(die_of_the_world, text, sizeof text);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_string_equal(text, "postern-test: cannot open /etc/postern/keys\n");
}

static void bug_aborts(void **state)
{
	char text[128];
	int status = in_child(die_of_us, text, sizeof text);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_string_equal(text, "postern-test: 7\n");
}

/* Every system call that names a file ends the process. (Others are allowed, for the sanitizers'
 * sake.) */
static void forbid_files(void)
{
	static const unsigned forbidden[] = {
	    __NR_openat, __NR_newfstatat, __NR_statx, __NR_readlinkat, __NR_faccessat,
#ifdef __NR_open /* newer machines lack these */
	    __NR_open,   __NR_stat,       __NR_lstat, __NR_readlink,   __NR_access,
#endif
	};
	struct sock_filter filter[COUNT(forbidden) + 3] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {.len = COUNT(filter), .filter = filter};
	size_t n = COUNT(forbidden);

	for (size_t i = 0; i < n; i++)
		filter[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							     forbidden[i], (uint8_t)(n - i), 0);
	filter[1 + n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[2 + n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		_exit(78);
}

static void log_in_a_sandbox(void)
{
	unsetenv("TZ");
	log_start("postern-test", pair[OURS]);
	forbid_files();
	log_info("inside");
	log_info("again");
	_exit(79);
}

/* After log_start a line costs no look at any file, the time zone's above all. */
static void logging_needs_no_file(void **state)
{
	char text[128];
	int status = in_child(log_in_a_sandbox, text, sizeof text);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 79);
	assert_string_equal(received_text(), "inside");
	assert_string_equal(received_text(), "again");
}

/* log_open's connect comes here: to a socket of the test's own, which may be there or not. */
static const char *asked_for;

static struct sockaddr_un our_syslog(void)
{
	struct sockaddr_un ours = {.sun_family = AF_UNIX};

	snprintf(ours.sun_path + 1, sizeof ours.sun_path - 1, "postern-test-log-%ld",
		 (long)getpid());
	return ours;
}

int __real_connect(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size)
{
	static struct sockaddr_un asked;
	struct sockaddr_un ours = our_syslog();

	memcpy(&asked, address, size < sizeof asked ? size : sizeof asked);
	asked_for = asked.sun_path;
	return __real_connect(fd, (const struct sockaddr *)&ours, sizeof ours);
}

static void open_connects_to_dev_log(void **state)
{
	struct sockaddr_un ours = our_syslog();
	int listener = socket(AF_UNIX, SOCK_DGRAM, 0);
	char text[8];

	(void)state;
	assert_int_equal(bind(listener, (const struct sockaddr *)&ours, sizeof ours), 0);
	int fd = log_open();
	assert_true(fd >= 0);
	assert_string_equal(asked_for, "/dev/log");
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	assert_int_equal(recv(listener, text, sizeof text, 0), 5);
	close(fd);
	close(listener);
}

static void open_fails_without_syslog(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(log_open(), -1);
	assert_int_equal(errno, ECONNREFUSED);
}

static void limit_lets_a_burst_through_then_one_a_period(void **state)
{
	struct log_limit limit = {.burst = 10, .period_ms = 1000};
	uint64_t now = 5000000;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_true(log_limit_pass(&limit, now));
	assert_int_equal(limit.held, 0);
	for (unsigned i = 0; i < 7; i++)
		assert_false(log_limit_pass(&limit, now + 999));
	assert_int_equal(limit.held, 7);
	assert_true(log_limit_pass(&limit, now + 1000));
	assert_int_equal(limit.held, 7); /* for the caller to tell, and to reset */
	limit.held = 0;
	assert_false(log_limit_pass(&limit, now + 1999));
	assert_true(log_limit_pass(&limit, now + 2000));
	/* After a long rest the burst is whole again, and no more than whole. */
	now += 1000000000;
	for (unsigned i = 0; i < 10; i++)
		assert_true(log_limit_pass(&limit, now));
	assert_false(log_limit_pass(&limit, now));
}

/* In no span of time do more lines pass than burst + span / period, whatever is asked when. */
static void limit_holds_for_any_rhythm(void **state)
{
	uint64_t passed[64];

	(void)state;
	for (unsigned seed = 1; seed < 200; seed++) {
		struct log_limit limit = {.burst = 1 + seed % 5, .period_ms = 1 + seed % 97};
		uint64_t now = 0, asked = 0;
		size_t n = 0;
		srand(seed);
		while (n < COUNT(passed) && asked++ < 100000) {
			now += (uint64_t)(rand() % 40) * (uint64_t)(rand() % 2);
			if (!log_limit_pass(&limit, now))
				continue;
			passed[n++] = now;
			for (size_t i = 0; i < n; i++)
				assert_true(n - i <=
					    limit.burst + (now - passed[i]) / limit.period_ms);
		}
		assert_int_equal(n, COUNT(passed));
		assert_int_equal(limit.held, asked - n);
	}
}

static void limit_survives_a_clock_that_goes_back(void **state)
{
	struct log_limit limit = {.burst = 2, .period_ms = 1000};

	(void)state;
	assert_true(log_limit_pass(&limit, 1000000000));
	assert_true(log_limit_pass(&limit, 1000000000));
	assert_false(log_limit_pass(&limit, 5000));
	assert_true(log_limit_pass(&limit, 6000));
}

int main(void)
{
#define WITH_SYSLOG(test) cmocka_unit_test_setup_teardown(test, start, stop)
	const struct CMUnitTest tests[] = {
	    WITH_SYSLOG(logging_needs_no_file), /* first: no other has read the time zone yet */
	    WITH_SYSLOG(a_line_has_the_form_of_local_syslog),
	    WITH_SYSLOG(control_characters_become_question_marks),
	    WITH_SYSLOG(a_long_line_is_cut),
	    WITH_SYSLOG(errno_is_kept),
	    WITH_SYSLOG(an_event_is_pairs),
	    WITH_SYSLOG(values_are_percent_encoded),
	    WITH_SYSLOG(a_full_event_leaves_fields_out_whole),
	    WITH_SYSLOG(a_syslog_that_is_gone_is_seen),
	    WITH_SYSLOG(what_syslog_did_not_take_is_told_later),
	    cmocka_unit_test(stderr_gets_a_line_in_one_write),
	    cmocka_unit_test(fatal_exits_with_3),
	    cmocka_unit_test(bug_aborts),
	    cmocka_unit_test(open_connects_to_dev_log),
	    cmocka_unit_test(open_fails_without_syslog),
	    cmocka_unit_test(limit_lets_a_burst_through_then_one_a_period),
	    cmocka_unit_test(limit_holds_for_any_rhythm),
	    cmocka_unit_test(limit_survives_a_clock_that_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
