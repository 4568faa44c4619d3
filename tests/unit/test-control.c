/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket with everything behind it, against askers that are slow, silent, greedy or
 * wrong.
 */
#include "asking.h"

#include <sys/resource.h>

enum { GRANTS = 2000 };

static void status(void **state)
{
	(void)state;
	const char *answer = ask_line("status\n");
	assert_non_null(strstr(answer, "\nuptime=0s\nkeys=2\ngrants=0\nblocks=0\n"));
	assert_non_null(strstr(answer, "\nrecord-made=2026-11-23T19:00:00Z\n"));
	assert_non_null(strstr(answer, "\nclock=ok\naccepted=0\nrefused=0\nrefused-forged=0\n"));
	assert_non_null(strstr(answer, "\nduplicate=0\nlate=0\nnoise=0\nlost=0\nlogins=0\n"));
	assert_string_equal(answer + strlen(answer) - 2, "\n\n");
	assert_ptr_equal(strstr(answer, "version="), answer);
}

static void half_lines(void **state)
{
	(void)state;
	int fd = connect_one();
	pump(1);
	for (const char *at = "gra nts"; *at != '\0'; at++)
		if (*at != ' ') {
			char piece[2] = {*at, '\0'};
			say(fd, piece);
		}
	say(fd, "\nwhat comes later is not read");
	assert_string_equal(hear(fd), "\n");
}

static void wrong_lines(void **state)
{
	static const char *const malformed[] = {
	    "status \n",
	    "status x\n",
	    "status a=b\n",
	    "grants  \n",
	    "close\n",
	    "close \n",
	    "close a b\n",
	    "close all x=1\n",
	    "close name=alice\n",
	    "clock reset now\n",
	    "close %zz\n",
	    "close %00\n",
	    "close a%20b\n",
	    "open\n",
	    "open 192.0.2.7\n",
	    "open 192.0.2.7 22\n",
	    "open tcp/22 192.0.2.7\n",
	    "open 192.0.2.7 tcp/22 for=0\n",
	    "open 192.0.2.7 tcp/22 for=soon\n",
	    "open gate tcp/22\n",
	    "open 192.0.2.7 tcp/22 user=a\n",
	    "block\n",
	    "block alice\n",
	    "block 192.0.2.7 10m\n",
	    "block 192.0.2.0/24\n",
	    "unblock\n",
	    "unblock all\n",
	    "history since=\n",
	    "history since=yesterday\n",
	    "history 1h\n",
	    "watch now\n",
	    "blocks 192.0.2.7\n",
	};
	static const char *const unknown[] = {
	    "\n",        " \n",     "statu\n",        "statuss\n",   "STATUS\n",
	    " status\n", "clock\n", "clock  reset\n", "histories\n", "\xff\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		struct answer answer;
		char line[64], text[ANSWERS_PAGE];
		snprintf(line, sizeof line, "%.*s", (int)strcspn(malformed[i], "\n"), malformed[i]);
		answers_begin(&answer, line, 0, &now);
		text[answers_more(&answer, text, sizeof text, &now)] = '\0';
		assert_string_equal(text, "error reason=malformed\n\n");
	}
	for (size_t i = 0; i < COUNT(unknown); i++)
		assert_string_equal(ask_line(unknown[i]), "error reason=unknown-question\n\n");
}

static void checks(void **state)
{
	static const struct {
		const char *line, *answer;
	} cases[] = {
	    {"check 203.0.113.77\n", "no reason=no-knock\n\n"},
	    {"check 2001:db8::7 door=tcp/22 user=al%20ice max-age=1m\n", "no reason=no-knock\n\n"},
	    {"check\n", "no reason=malformed\n\n"},
	    {"check gate.example.org\n", "no reason=malformed\n\n"},
	    {"check 203.0.113.77 door=any\n", "no reason=malformed\n\n"},
	    {"check 203.0.113.77 user=\n", "no reason=malformed\n\n"},
	    {"check 203.0.113.77 max-age=0\n", "no reason=malformed\n\n"},
	    {"check 203.0.113.77 consume=yes\n", "no reason=malformed\n\n"},
	    {"check 203.0.113.77 door=tcp/22 door=tcp/22\n", "no reason=malformed\n\n"},
	    {"check 203.0.113.77 colour=red\n", "no reason=malformed\n\n"},
	    {"check 203.0.113.77 for=1h\n", "no reason=malformed\n\n"},
	    {"check 203.0.113.77 by=me\n", "no reason=malformed\n\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(ask_line(cases[i].line), cases[i].answer);
}

static void lines_that_are_none(void **state)
{
	char line[ASK_LINE + 1];

	(void)state;
	memset(line, 'a', sizeof line);
	line[ASK_LINE] = '\0';
	assert_string_equal(ask_line(line), "error reason=malformed\n\n");
	int fd = connect_one();
	assert_int_equal(send(fd, "grants\0x\n", 9, 0), 9);
	assert_string_equal(hear(fd), "error reason=malformed\n\n");
	memset(line, ' ', sizeof line);
	memcpy(line, "status", 6);
	line[ASK_LINE - 1] = '\n';
	line[ASK_LINE] = '\0';
	assert_string_equal(ask_line(line), "error reason=malformed\n\n");
}

static void count_lines(const char *answer, int n)
{
	uint64_t before = 0;

	for (; strncmp(answer, "grant=", 6) == 0; n--) {
		uint64_t number = strtoull(answer + 6, NULL, 10);
		assert_true(number > before);
		before = number;
		answer = strchr(answer, '\n') + 1;
	}
	assert_int_equal(n, 0);
	assert_string_equal(answer, "\n");
}

static void all_grants(void **state)
{
	(void)state;
	make_grants(GRANTS);
	const char *answer = ask_line("grants\n");
	assert_ptr_equal(strstr(answer, "grant=1 key=alice id=00000001 addr=192.0.2.0 door=tcp/22 "
					"since=2026-11-23T19:00:00Z until=2026-11-23T19:00:30Z "
					"left=30s via=spa logins=1\ngrant=2 key=bob "),
			 answer);
	count_lines(answer, GRANTS);
}

/* What is not open yet is not shown. */
static void asked_is_no_grant(void **state)
{
	const struct grant wish = {.address = from, .door = {22, DOOR_TCP, 0}};

	(void)state;
	assert_int_equal(gate_open(&wish, 30, "spa", &now), ACCEPT_OK);
	assert_string_equal(ask_line("grants\n"), "\n");
	gate_answered(&(struct ack){.grant = 1, .verb = ORDER_OPEN}, &now);
	count_lines(ask_line("grants\n"), 1);
}

/* A reader that stops in the middle, while half of the grants end, the one at its place among them. */
static void slow_reader(void **state)
{
	char piece[2000];
	int small = 2000;

	(void)state;
	make_grants(GRANTS);
	int fd = connect_one();
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	say(fd, "grants\n");
	ssize_t got = recv(fd, piece, sizeof piece, 0);
	assert_true(got > 0);
	for (uint64_t i = 2; i <= GRANTS; i += 2)
		grant_remove(grant_find(i));
	const char *rest = hear(fd);
	assert_string_equal(rest + strlen(rest) - 2, "\n\n");
	const char *last = strstr(rest, "grant=1999 ");
	assert_non_null(last);
	assert_null(strstr(rest, "grant=2000 "));
}

/* Who does not read holds up nobody, and is dropped. */
static void never_reads(void **state)
{
	char byte;

	(void)state;
	make_grants(GRANTS);
	int greedy[CONTROL_SLOTS];
	for (size_t i = 0; i < CONTROL_SLOTS; i++) {
		greedy[i] = connect_one();
		say(greedy[i], "grants\n");
	}
	pump(200); /* until nobody takes any more */
	now.boot_ms += 1000;
	assert_non_null(strstr(ask_line("status\n"), "grants=2000\n"));
	now.boot_ms += CONTROL_PATIENCE_MS - 1000;
	assert_true(control_deadline() <= now.boot_ms);
	pump(2);
	assert_true(control_deadline() == UINT64_MAX);
	for (size_t i = 0; i < CONTROL_SLOTS; i++) {
		while (recv(greedy[i], &byte, 1, 0) == 1)
			continue;
		close(greedy[i]);
	}
}

static bool is_dropped(int fd)
{
	char byte;
	return recv(fd, &byte, 1, 0) == 0;
}

/* Who can't be accepted for want of a descriptor waits, and is not looked at without end. */
static void no_descriptor(void **state)
{
	struct rlimit before, none;

	(void)state;
	int fd = connect_one();
	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	struct pollfd polls[CONTROL_SLOTS + 1];
	size_t count = control_poll(polls);
	assert_int_equal(poll(polls, count, 0), 1);
	setrlimit(RLIMIT_NOFILE, &none);
	control_serve(polls, count, 0, &now);
	setrlimit(RLIMIT_NOFILE, &before);
	uint64_t then = control_deadline();
	assert_true(then > now.boot_ms && then <= now.boot_ms + 1000);
	assert_int_equal(control_poll(polls), 1);
	assert_int_equal(polls[0].fd, -1);
	now.boot_ms = then;
	pump(1);
	say(fd, "status\n");
	char text[4096] = "";
	assert_true(recv(fd, text, sizeof text - 1, 0) > 0);
	assert_non_null(strstr(text, "keys=2\n"));
	close(fd);
	pump(3);
	assert_true(control_deadline() == UINT64_MAX);
}

static void silent(void **state)
{
	(void)state;
	int mute = connect_one(), drip = connect_one();
	pump(1);
	for (int i = 0; i < CONTROL_PATIENCE_MS / 1000 - 1; i++) {
		now.boot_ms += 1000;
		say(drip, "s");
		assert_false(is_dropped(mute) || is_dropped(drip));
	}
	now.boot_ms += 1000;
	pump(1);
	assert_true(is_dropped(mute) && is_dropped(drip));
	close(mute);
	close(drip);
}

/* More than there are places: who has been there for longest without a word makes room. */
static void flood(void **state)
{
	enum { MANY = CONTROL_SLOTS + 40 };
	int fds[MANY];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		fds[i] = connect_one();
		now.boot_ms++;
		pump(1);
	}
	for (int i = 0; i < MANY; i++)
		assert_int_equal(is_dropped(fds[i]), i < MANY - CONTROL_SLOTS);
	assert_non_null(strstr(ask_line("status\n"), "keys=2\n"));
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	pump(3);
	assert_true(control_deadline() == UINT64_MAX);
}

/* Who is not root puts no root out, whoever came first, and finds no place where only root is. */
static void root_is_not_crowded_out(void **state)
{
	int fds[3 * CONTROL_SLOTS];

	(void)state;
	int root = connect_one();
	pump(1);
	asker = 1000;
	for (size_t i = 0; i < COUNT(fds); i++) {
		now.boot_ms++;
		fds[i] = connect_one();
		pump(1);
	}
	assert_false(is_dropped(root));
	for (size_t i = 0; i < COUNT(fds); i++)
		assert_int_equal(is_dropped(fds[i]), i < COUNT(fds) - (CONTROL_SLOTS - 1));
	asker = 0;
	say(root, "check 203.0.113.77\n");
	assert_string_equal(hear(root), "no reason=no-knock\n\n");
	for (size_t i = 0; i < COUNT(fds); i++) {
		close(fds[i]);
		fds[i] = connect_one();
		pump(2);
	}
	asker = 1000;
	int late = connect_one();
	pump(2);
	assert_true(is_dropped(late));
	close(late);
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
}

static int watch(void)
{
	int fd = connect_one();
	say(fd, "watch\n");
	return fd;
}

/* What has come so far. */
static const char *heard(int fd)
{
	static char text[1 << 18];

	pump(2);
	ssize_t got = recv(fd, text, sizeof text - 1, 0);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void watching(void **state)
{
	(void)state;
	int first = watch();
	tell_attack("one");
	assert_string_equal(heard(first), "event=attack what=one\n");
	assert_string_equal(heard(first), "");
	int second = watch();
	tell_attack("two");
	tell_attack("three");
	assert_string_equal(heard(first), "event=attack what=two\nevent=attack what=three\n");
	assert_string_equal(heard(second), "event=attack what=two\nevent=attack what=three\n");
	now.boot_ms += 100 * CONTROL_PATIENCE_MS;
	assert_true(control_deadline() == UINT64_MAX);
	close(first);
	assert_string_equal(heard(second), "");
	tell_attack("four");
	assert_string_equal(heard(second), "event=attack what=four\n");
	close(second);
	pump(2);
}

/* Who watches and never reads costs nobody anything, and is told what he has missed. */
static void watching_without_reading(void **state)
{
	enum { LINES = 20000 };
	static char all[1 << 22];
	size_t size = 0, lines = 0, missed = 0;
	int small = 2000;

	(void)state;
	int lazy = watch(), keen = watch();
	setsockopt(lazy, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	for (int i = 0; i < LINES; i++) {
		tell_attack("again");
		assert_string_equal(heard(keen), "event=attack what=again\n");
	}
	now.boot_ms += 10 * CONTROL_PATIENCE_MS;
	assert_string_equal(ask_line("check 203.0.113.77\n"), "no reason=no-knock\n\n");
	for (ssize_t got = 1; got > 0; pump(2)) {
		got = recv(lazy, all + size, sizeof all - 1 - size, 0);
		size += got > 0 ? (size_t)got : 0;
	}
	all[size] = '\0';
	for (char *line = strtok(all, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		const char *lost = strstr(line, "event=missed lines=");
		assert_true(lost == line || strcmp(line, "event=attack what=again") == 0);
		if (lost != NULL)
			missed += strtoull(line + strlen("event=missed lines="), NULL, 10);
		else
			lines++;
	}
	assert_true(missed > 0);
	assert_int_equal(lines + missed, LINES);
	close(lazy);
	close(keen);
	pump(2);
}

/* They are few, leave room for questions, and root finds a place among them. */
static void watchers(void **state)
{
	int fds[CONTROL_WATCHERS];

	(void)state;
	asker = 1000;
	for (int i = 0; i < CONTROL_WATCHERS; i++) {
		now.boot_ms++;
		fds[i] = watch();
	}
	assert_string_equal(ask_line("watch\n"), "error reason=too-many\n\n");
	int idle[CONTROL_SLOTS];
	for (int i = 0; i < CONTROL_SLOTS; i++) {
		idle[i] = connect_one();
		pump(1);
	}
	tell_attack("one");
	for (int i = 0; i < CONTROL_WATCHERS; i++)
		assert_string_equal(heard(fds[i]), "event=attack what=one\n");
	asker = 0;
	int root = watch();
	tell_attack("two");
	assert_string_equal(heard(root), "event=attack what=two\n");
	assert_true(is_dropped(fds[0]) || is_dropped(fds[CONTROL_WATCHERS - 1]));
	for (int i = 0; i < CONTROL_WATCHERS; i++)
		close(fds[i]);
	for (int i = 0; i < CONTROL_SLOTS; i++)
		close(idle[i]);
	close(root);
	pump(3);
}

static const char *answer_to(const char *line, uid_t uid, bool *waits)
{
	static char text[4096];
	struct answer answer;

	answers_begin(&answer, line, uid, &now);
	*waits = answer.wait != 0;
	text[answers_more(&answer, text, sizeof text, &now)] = '\0';
	assert_true(answer.ended);
	return text;
}

static size_t count_orders(void)
{
	struct order last;
	return take_orders(ORDER_CLOSE, &last);
}

static void closing(void **state)
{
	bool waits;

	(void)state;
	make_grants(600);
	assert_string_equal(answer_to("close all", 1000, &waits), "error reason=not-root\n\n");
	assert_string_equal(answer_to("clock reset", 1000, &waits), "error reason=not-root\n\n");
	assert_int_equal(grant_count(), 600);
	assert_string_equal(answer_to("close 192.0.2.7", 0, &waits), "closed=3 logins=0\n\n");
	assert_true(waits);
	assert_int_equal(count_orders(), 3);
	assert_string_equal(answer_to("close 192.0.2.7", 0, &waits), "closed=0 logins=0\n\n");
	assert_false(waits);
	assert_string_equal(answer_to("close b%6Fb", 0, &waits), "closed=297 logins=0\n\n");
	assert_string_equal(answer_to("close nobody", 0, &waits), "closed=0 logins=0\n\n");
	assert_string_equal(answer_to("close ::ffff:192.0.2.8", 0, &waits),
			    "closed=3 logins=0\n\n");
	assert_string_equal(answer_to("close all", 0, &waits), "closed=297 logins=0\n\n");
	assert_int_equal(grant_count(), 0);
	assert_int_equal(count_orders(), 597);
}

static void clock_reset(void **state)
{
	bool waits;

	(void)state;
	/* Once in the year 2100, and a forward step on the way there. */
	judge_clock(&now, 0);
	struct now future = {.wall_ms = 4102444800000, .boot_ms = now.boot_ms + 1};
	judge_clock(&future, (int64_t)(future.wall_ms - now.wall_ms));
	now.boot_ms += 2;
	judge_clock(&now, -(int64_t)(future.wall_ms - now.wall_ms));
	assert_non_null(strstr(ask_line("status\n"), "\nold-keys-from=2100-01-01T00:02:00Z\n"));
	assert_string_equal(answer_to("clock reset", 0, &waits), "clock=ok\n\n");
	assert_true(waits);
	assert_non_null(strstr(ask_line("status\n"), "\nold-keys-from=2026-11-23T19:02:00Z\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(status),
	    TEST(half_lines),
	    TEST(wrong_lines),
	    TEST(checks),
	    TEST(lines_that_are_none),
	    TEST(all_grants),
	    TEST(asked_is_no_grant),
	    TEST(slow_reader),
	    TEST(never_reads),
	    TEST(silent),
	    TEST(no_descriptor),
	    TEST(flood),
	    TEST(root_is_not_crowded_out),
	    TEST(watching),
	    TEST(watching_without_reading),
	    TEST(watchers),
	    TEST(closing),
	    TEST(clock_reset),
	};

	if (!start_asking())
		return 1;
	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
