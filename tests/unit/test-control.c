/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket with everything behind it, against askers that are slow, silent, greedy or
 * wrong. Time is the test's own.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "auth/answers.h"
#include "auth/control.h"
#include "auth/gate.h"
#include "auth/judge.h"
#include "auth/login.h"
#include "auth/noise.h"
#include "auth/orders.h"
#include "auth/policy.h"
#include "auth/question.h"
#include "auth/store.h"
#include "log.h"
#include "unit.h"

enum { GRANTS = 2000 };

static char folder[64], socket_path[80], db[80];
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int listener, firewall[2], event;
static struct keys keys;
static struct claims claims[2];
static struct config config = {.n_doors = 1, .grant_default_s = 30, .grant_max_s = 3600};
static struct now now;
static struct address from;

static void make_keys(void)
{
	uint8_t secret[CRYPTO_KEY] = {1};
	struct key key = {.since_ms = 1000};
	char text[2000];

	keys_print_server(text, sizeof text, secret, 1000);
	for (uint32_t i = 0; i < 2; i++) {
		snprintf(key.name, sizeof key.name, i == 0 ? "alice" : "bob");
		key.who.id = 1 + i;
		strcat(text, "\n");
		size_t used = strlen(text);
		assert_int_equal(keys_print_line(text + used, sizeof text - used, &key, NULL), 0);
	}
	assert_int_equal(keys_parse(&keys, text, strlen(text), NULL), 0);
}

static void start_record(void)
{
	const struct rows_claims into = {&keys, claims};
	struct rows_loaded loaded;
	struct error error;

	event = store_start();
	assert_int_equal(store_load(db, "boot", now.wall_ms, &into, &loaded, &error), 0);
	assert_int_equal(judge_start(&keys, claims, 120), 0);
	judge_load(&loaded, &now);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test-control.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(socket_path, sizeof socket_path, "%s/control.sock", folder);
	snprintf(db, sizeof db, "%s/state.db", folder);
	strcpy(address.sun_path, socket_path);
	now = (struct now){.wall_ms = 1795460400000, .boot_ms = 1000000};
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 200), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, firewall), 0);
	assert_int_equal(grant_start(2, 0), 0);
	assert_int_equal(policy_start(&config, 2), 0);
	noise_start();
	tell_start();
	start_record();
	orders_start(firewall[0]);
	gate_start(&keys);
	assert_int_equal(login_start(&keys), 0);
	answers_start(&keys, &now);
	control_start(listener);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	control_end();
	store_end();
	close(listener);
	close(firewall[0]);
	close(firewall[1]);
	grant_end();
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static void pump(int turns)
{
	struct pollfd polls[CONTROL_SLOTS + 1];
	struct error error;
	uint64_t done;

	while (turns-- > 0) {
		size_t count = control_poll(polls);
		assert_true(count <= CONTROL_SLOTS + 1);
		assert_true(poll(polls, count, 0) >= 0);
		assert_int_equal(store_done(&done, &error), 0);
		control_serve(polls, count, done, &now);
	}
}

static int connect_one(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	pump(2);
}

/* All that comes until the other side closes. */
static const char *hear(int fd)
{
	static char text[1 << 20];
	size_t size = 0;
	ssize_t got;

	for (int i = 0; i < 10000; i++) {
		got = recv(fd, text + size, sizeof text - 1 - size, 0);
		if (got == 0)
			break;
		if (got > 0)
			size += (size_t)got;
		else
			assert_int_equal(errno, EAGAIN);
		pump(1);
	}
	assert_true(got == 0);
	close(fd);
	text[size] = '\0';
	return text;
}

static const char *ask_line(const char *line)
{
	int fd = connect_one();

	say(fd, line);
	return hear(fd);
}

/* Grants 1 to n, of alice and bob in turns, all open. */
static void make_grants(int n)
{
	for (int i = 0; i < n; i++) {
		struct grant model = {.since_boot_ms = now.boot_ms,
				      .until_boot_ms = now.boot_ms + 30000,
				      .since_ms = now.wall_ms,
				      .until_ms = now.wall_ms + 30000,
				      .address = from,
				      .door = {22, DOOR_TCP, 0},
				      .id = 1 + (uint32_t)i % 2,
				      .holder = (uint32_t)i % 2,
				      .logins = 1,
				      .via = "spa",
				      .state = GRANT_OPEN};
		strcpy(model.key, i % 2 == 0 ? "alice" : "bob");
		model.address.bytes[15] = (uint8_t)i;
		assert_non_null(grant_add(&model));
	}
}

static void status(void **state)
{
	(void)state;
	const char *answer = ask_line("status\n");
	assert_non_null(strstr(answer, "\nkeys=2\ngrants=0\nrecord-made=2026-11-23T19:00:00Z\n"));
	assert_non_null(strstr(answer, "\nclock=ok\naccepted=0\nrefused=0\nduplicate=0\nlate=0\n"
				       "noise=0\nlost=0\n"));
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
	    "status \n",         "status x\n",      "status a=b\n",
	    "grants  \n",        "close\n",         "close \n",
	    "close a b\n",       "close all x=1\n", "close name=alice\n",
	    "clock reset now\n", "close %zz\n",     "close %00\n",
	    "close a%20b\n",
	};
	static const char *const unknown[] = {
	    "\n",        " \n",     "statu\n",        "statuss\n", "STATUS\n",
	    " status\n", "clock\n", "clock  reset\n", "history\n", "\xff\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		struct answer answer;
		char line[64], text[ANSWERS_LINE];
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
	const struct door door = {22, DOOR_TCP, 0};

	(void)state;
	assert_int_equal(gate_open(0, &from, &door, 30, "spa", &now), ACCEPT_OK);
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
	static struct msg msg;
	size_t count = 0;

	do {
		assert_int_equal(orders_send(), 0);
		while (recv(firewall[1], &msg, sizeof msg, MSG_DONTWAIT) > 0)
			count += msg.type == MSG_ORDER && msg.body.ORDER.verb == ORDER_CLOSE;
	} while (orders_waiting());
	return count;
}

static void closing(void **state)
{
	bool waits;

	(void)state;
	make_grants(600);
	assert_string_equal(answer_to("close all", 1000, &waits), "error reason=not-root\n\n");
	assert_string_equal(answer_to("clock reset", 1000, &waits), "error reason=not-root\n\n");
	assert_int_equal(grant_count(), 600);
	assert_string_equal(answer_to("close 192.0.2.7", 0, &waits), "closed=3\n\n");
	assert_true(waits);
	assert_int_equal(count_orders(), 3);
	assert_string_equal(answer_to("close 192.0.2.7", 0, &waits), "closed=0\n\n");
	assert_false(waits);
	assert_string_equal(answer_to("close b%6Fb", 0, &waits), "closed=297\n\n");
	assert_string_equal(answer_to("close nobody", 0, &waits), "closed=0\n\n");
	assert_string_equal(answer_to("close ::ffff:192.0.2.8", 0, &waits), "closed=3\n\n");
	assert_string_equal(answer_to("close all", 0, &waits), "closed=297\n\n");
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
	    TEST(flood),
	    TEST(closing),
	    TEST(clock_reset),
	};
	int log[2];

	/* What is told goes nowhere. */
	if (crypto_start() == -1 || socketpair(AF_UNIX, SOCK_DGRAM, 0, log) == -1)
		return 1;
	log_start("test-control", log[0]);
	address_parse(&from, "192.0.2.0");
	make_keys();
	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
