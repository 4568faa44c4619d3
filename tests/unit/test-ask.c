/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"

enum { PATIENCE_MS = 60000 }; /* no test that succeeds waits so long */

/* A daemon of the test's own: a listening socket here, and who answers in a child. */
static char folder[64], path[96];
static int listener = -1, heard = -1; /* what the child read of the question comes out of heard */
static pid_t child;

static int open_socket(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)state;
	strcpy(folder, "/tmp/postern-test-ask-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/control.sock", folder);
	strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	child = 0;
	heard = -1;
	return bind(listener, (const struct sockaddr *)&address, sizeof address) == 0 &&
		       listen(listener, 1) == 0
		   ? 0
		   : -1;
}

static int close_socket(void **state)
{
	(void)state;
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	if (heard >= 0)
		close(heard);
	if (listener >= 0)
		close(listener);
	listener = -1;
	unlink(path);
	return rmdir(folder);
}

/* The child takes one connection, reads a line of question, and behaves. */
static void serve(void (*behave)(int fd, const char *how), const char *how)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char c = 0;
		int fd = accept(listener, NULL, NULL);
		while (c != '\n' && read(fd, &c, 1) == 1)
			if (write(ends[1], &c, 1) != 1)
				_exit(1);
		close(ends[1]);
		behave(fd, how);
		close(fd);
		_exit(0);
	}
	close(ends[1]);
	heard = ends[0];
}

static void answer(int fd, const char *how)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t left = strlen(how); left > 0;) {
		ssize_t sent = write(fd, how, left);
		if (sent < 0)
			return;
		how += sent;
		left -= (size_t)sent;
	}
}

static void answer_and_stay(int fd, const char *how)
{
	answer(fd, how);
	pause();
}

static void answer_byte_by_byte(int fd, const char *how)
{
	const struct timespec little = {.tv_nsec = 1000000};

	for (; *how != '\0'; how++) {
		nanosleep(&little, NULL);
		if (write(fd, how, 1) != 1)
			_exit(1);
	}
	pause();
}

static void answer_for_ever(int fd, const char *how)
{
	signal(SIGPIPE, SIG_IGN);
	while (write(fd, how, strlen(how)) > 0)
		continue;
}

static void answer_with_nul(int fd, const char *how)
{
	(void)how;
	if (write(fd, "yes\0 key\n", 9) != 9)
		_exit(1);
	pause();
}

static void assert_heard(const char *expected)
{
	char text[2048];
	size_t used = 0;
	ssize_t got;

	while ((got = read(heard, text + used, sizeof text - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	assert_string_equal(text, expected);
}

/* What came in answer, the lines in brackets. */
struct taken {
	char text[4096];
	unsigned lines, most; /* most 0: all of them */
};

static bool take(void *context, const char *line)
{
	struct taken *taken = context;

	if (strlen(taken->text) + strlen(line) + 3 < sizeof taken->text)
		sprintf(taken->text + strlen(taken->text), "[%s]", line);
	return ++taken->lines != taken->most;
}

static struct taken taken;
static struct error error;

static enum ask_result ask_with(int timeout_ms, unsigned most)
{
	memset(&taken, 0, sizeof taken);
	taken.most = most;
	strcpy(error.text, "untouched");
	return ask(path, "check 192.0.2.7 door=tcp/22", timeout_ms, getuid(), take, &taken, &error);
}

static void assert_error(const char *part)
{
	if (strstr(error.text, part) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", error.text, part);
}

static void one_line_is_enough_for_who_wants_one(void **state)
{
	(void)state;
	serve(answer_and_stay, "yes key=alice age=3 grant=17\nand more\n");
	assert_int_equal(ask_with(PATIENCE_MS, 1), ASK_OK);
	assert_string_equal(taken.text, "[yes key=alice age=3 grant=17]");
	assert_heard("check 192.0.2.7 door=tcp/22\n");
}

static void lines_come_until_an_empty_one(void **state)
{
	(void)state;
	serve(answer_and_stay, "one\ntwo\nthree\n\nfour\n");
	assert_int_equal(ask_with(PATIENCE_MS, 0), ASK_OK);
	assert_string_equal(taken.text, "[one][two][three]");
}

static void no_lines_and_an_empty_one_is_an_answer(void **state)
{
	(void)state;
	serve(answer_and_stay, "\n");
	assert_int_equal(ask_with(PATIENCE_MS, 0), ASK_OK);
	assert_int_equal(taken.lines, 0);
}

static void pieces_make_lines(void **state)
{
	(void)state;
	serve(answer_byte_by_byte, "one\ntwo\n\n");
	assert_int_equal(ask_with(PATIENCE_MS, 0), ASK_OK);
	assert_string_equal(taken.text, "[one][two]");
}

static char *line_of(size_t length)
{
	static char text[ASK_LINE + 8];

	memset(text, 'x', length);
	strcpy(text + length, "\n");
	return text;
}

static void the_longest_line_comes_whole(void **state)
{
	char *line = line_of(ASK_LINE - 1);

	(void)state;
	serve(answer_and_stay, line);
	assert_int_equal(ask_with(PATIENCE_MS, 1), ASK_OK);
	line[ASK_LINE - 1] = '\0';
	assert_int_equal(strlen(taken.text), ASK_LINE + 1);
	assert_memory_equal(taken.text + 1, line, ASK_LINE - 1);
}

static void broken_answers_are_no_answers(void **state)
{
	static const struct {
		const char *answer, *error;
	} cases[] = {
	    {"", "hung up"},
	    {"yes key=al", "hung up"},
	    {"one\nyes key=al", "hung up"},
	    {"one\n", "hung up"}, /* a part of a list is no list */
	    {"yes\tkey=alice\n", "not a line of text"},
	    {"yes key=alice\r\n", "not a line of text"},
	    {"yes key=\303\244\n", "not a line of text"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		serve(answer, cases[i].answer);
		assert_int_equal(ask_with(PATIENCE_MS, 0), ASK_BROKEN);
		assert_error(cases[i].error);
		assert_error(path);
		assert_int_equal(taken.lines, strncmp(cases[i].answer, "one", 3) == 0);
		close_socket(state);
		assert_int_equal(open_socket(state), 0);
	}
	serve(answer_with_nul, "");
	assert_int_equal(ask_with(PATIENCE_MS, 0), ASK_BROKEN);
	assert_error("not a line of text");
}

static void a_line_without_end_is_broken(void **state)
{
	(void)state;
	serve(answer_and_stay, line_of(ASK_LINE));
	assert_int_equal(ask_with(PATIENCE_MS, 1), ASK_BROKEN);
	assert_error("longer than a line may be");
	assert_int_equal(taken.lines, 0);
}

/* Time may be ours, so that this is no race with who answers: a millisecond passes with each look at the
 * clock, and none while there is nothing to read. */
static bool time_is_ours;
static int64_t looks;

int clock_gettime(clockid_t clock, struct timespec *now)
{
	if (!time_is_ours || clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, now);
	looks++;
	*now = (struct timespec){.tv_sec = looks / 1000, .tv_nsec = looks % 1000 * 1000000};
	return 0;
}

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec limit = {.tv_sec = timeout_ms / 1000,
				 .tv_nsec = timeout_ms % 1000 * 1000000L};

	return ppoll(fds, count, timeout_ms < 0 || time_is_ours ? NULL : &limit, NULL);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* At the earliest when the time is over; how much later is the machine's affair. */
static void assert_times_out(int timeout_ms)
{
	int64_t before = now_ms();

	assert_int_equal(ask_with(timeout_ms, 0), ASK_TIMEOUT);
	int64_t took = now_ms() - before;
	assert_true(took >= timeout_ms);
	assert_true(took < PATIENCE_MS);
	assert_error("no answer in time");
	assert_error(path);
}

static void who_is_mute_is_left(void **state)
{
	(void)state;
	serve(answer_and_stay, "");
	assert_times_out(60);
}

static void who_never_pauses_is_left_too(void **state)
{
	(void)state;
	serve(answer_for_ever, "x\n");
	time_is_ours = true;
	assert_times_out(60);
	time_is_ours = false;
	assert_true(taken.lines > 0);
}

static void the_deadline_is_over_all(void **state)
{
	static char text[1001];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	serve(answer_byte_by_byte, text); /* each byte in time, all of them not */
	assert_times_out(60);
}

static int connect_quietly(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	assert_int_equal(errno, EAGAIN);
	close(fd);
	return -1;
}

/* Where nobody accepts and the queue is full, not even connect succeeds. */
static void a_full_queue_is_waited_for_but_not_for_ever(void **state)
{
	int fds[64];
	size_t n = 0;

	(void)state;
	while (n < COUNT(fds) && (fds[n] = connect_quietly()) >= 0)
		n++;
	assert_true(n < COUNT(fds));
	assert_times_out(60);
	while (n > 0)
		close(fds[--n]);
}

static void drain_queue_then_answer(int fd, const char *how)
{
	/* The first connection was one of those that fill the queue, and said nothing. */
	for (char c = 0; c != '\n';) {
		close(fd);
		fd = accept(listener, NULL, NULL);
		while (c != '\n' && read(fd, &c, 1) == 1)
			continue;
	}
	answer(fd, how);
	pause();
}

static void a_queue_that_empties_in_time_is_no_hindrance(void **state)
{
	int fds[64];
	size_t n = 0;

	(void)state;
	while (n < COUNT(fds) && (fds[n] = connect_quietly()) >= 0)
		n++;
	assert_true(n < COUNT(fds));
	for (size_t i = 0; i < n; i++)
		shutdown(fds[i], SHUT_WR);
	serve(drain_queue_then_answer, "yes\n");
	assert_int_equal(ask_with(PATIENCE_MS, 1), ASK_OK);
	assert_string_equal(taken.text, "[yes]");
	while (n > 0)
		close(fds[--n]);
}

static void no_socket_means_no_daemon(void **state)
{
	(void)state;
	unlink(path);
	assert_int_equal(ask_with(PATIENCE_MS, 1), ASK_NO_DAEMON);
	assert_error(path);
	assert_error("is posternd running?");
}

static void a_dead_socket_means_no_daemon(void **state)
{
	(void)state;
	close(listener);
	listener = -1;
	assert_int_equal(ask_with(PATIENCE_MS, 1), ASK_NO_DAEMON);
	assert_error("nobody listens");
	/* An ordinary file in its place. */
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(ask_with(PATIENCE_MS, 1), ASK_NO_DAEMON);
}

static void a_path_too_long_cannot_be_asked(void **state)
{
	char longest[256];

	(void)state;
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(ask(longest, "status", PATIENCE_MS, getuid(), take, &taken, &error),
			 ASK_CANNOT);
	assert_error("too long");
}

static void who_listens_must_be_trusted(void **state)
{
	(void)state;
	serve(answer_and_stay, "yes key=alice age=3 grant=17\n");
	memset(&taken, 0, sizeof taken);
	assert_int_equal(
	    ask(path, "check 192.0.2.7", PATIENCE_MS, getuid() + 1, take, &taken, &error),
	    ASK_CANNOT);
	assert_error("nothing was asked");
	assert_int_equal(taken.lines, 0);
	assert_heard("");
}

static void a_question_is_one_line(void **state)
{
	static const char *const wrong[] = {"", "status\nclose all", "status\n", "\tstatus",
					    "st\303\244"};

	(void)state;
	serve(answer_and_stay, "yes\n");
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(ask(path, wrong[i], PATIENCE_MS, getuid(), take, &taken, &error),
				 ASK_BROKEN);
		assert_error("one line");
	}
	char *line = line_of(ASK_LINE);
	line[ASK_LINE] = '\0';
	assert_int_equal(ask(path, line, PATIENCE_MS, getuid(), take, &taken, &error), ASK_BROKEN);
	line[ASK_LINE - 1] = '\0';
	taken = (struct taken){.most = 1};
	assert_int_equal(ask(path, line, PATIENCE_MS, getuid(), take, &taken, &error), ASK_OK);
	line[ASK_LINE - 1] = '\n';
	assert_heard(line);
}

static void hang_up_at_once(int fd, const char *how)
{
	(void)how;
	close(fd);
	close(listener);
}

static void a_dead_peer_does_not_kill_who_asks(void **state)
{
	(void)state;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		hang_up_at_once(accept(listener, NULL, NULL), "");
		_exit(0);
	}
	for (unsigned i = 0; i < 2; i++) {
		enum ask_result result = ask_with(i == 0 ? PATIENCE_MS : 500, 1);
		/* The queue's end: this process holds the socket open, but nobody accepts. */
		assert_int_equal(result, i == 0 ? ASK_BROKEN : ASK_TIMEOUT);
	}
}

static volatile sig_atomic_t interruptions;

static void interrupt(int number)
{
	(void)number;
	interruptions++;
}

static void signals_do_not_hurt(void **state)
{
	struct itimerval often = {.it_interval.tv_usec = 3000, .it_value.tv_usec = 3000};
	struct itimerval never = {.it_value.tv_usec = 0};
	struct sigaction action = {.sa_handler = interrupt}; /* without SA_RESTART */

	(void)state;
	serve(answer_byte_by_byte, "yes key=alice age=3 grant=17\n");
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	enum ask_result result = ask_with(PATIENCE_MS, 1);
	setitimer(ITIMER_REAL, &never, NULL);
	signal(SIGALRM, SIG_DFL);
	assert_int_equal(result, ASK_OK);
	assert_true(interruptions > 0);
	assert_string_equal(taken.text, "[yes key=alice age=3 grant=17]");
}

static int lowest_free_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static void no_descriptor_is_left_open(void **state)
{
	(void)state;
	serve(answer_and_stay, "");
	int before = lowest_free_descriptor();
	ask_with(20, 0);
	ask(path, "status", 20, getuid() + 1, take, &taken, &error);
	unlink(path);
	ask_with(20, 0);
	assert_int_equal(lowest_free_descriptor(), before);
}

int main(void)
{
#define WITH_SOCKET(test) cmocka_unit_test_setup_teardown(test, open_socket, close_socket)
	const struct CMUnitTest tests[] = {
	    WITH_SOCKET(one_line_is_enough_for_who_wants_one),
	    WITH_SOCKET(lines_come_until_an_empty_one),
	    WITH_SOCKET(no_lines_and_an_empty_one_is_an_answer),
	    WITH_SOCKET(pieces_make_lines),
	    WITH_SOCKET(the_longest_line_comes_whole),
	    WITH_SOCKET(broken_answers_are_no_answers),
	    WITH_SOCKET(a_line_without_end_is_broken),
	    WITH_SOCKET(who_is_mute_is_left),
	    WITH_SOCKET(who_never_pauses_is_left_too),
	    WITH_SOCKET(the_deadline_is_over_all),
	    WITH_SOCKET(a_full_queue_is_waited_for_but_not_for_ever),
	    WITH_SOCKET(a_queue_that_empties_in_time_is_no_hindrance),
	    WITH_SOCKET(no_socket_means_no_daemon),
	    WITH_SOCKET(a_dead_socket_means_no_daemon),
	    WITH_SOCKET(a_path_too_long_cannot_be_asked),
	    WITH_SOCKET(who_listens_must_be_trusted),
	    WITH_SOCKET(a_question_is_one_line),
	    WITH_SOCKET(a_dead_peer_does_not_kill_who_asks),
	    WITH_SOCKET(signals_do_not_hurt),
	    WITH_SOCKET(no_descriptor_is_left_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
