/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the administrator does by hand, and what is told of it afterwards: open, block, history; and
 * what of that the next life knows.
 */
#include "asking.h"

static const char seven[] = "192.0.2.7";

static struct address address_of(const char *text)
{
	struct address address;
	assert_int_equal(address_parse(&address, text), 0);
	return address;
}

/* A question whose answer does not wait, or no longer. */
static struct answer asked;
static const char *begin(const char *line)
{
	answers_begin(&asked, line, 0, &now);
	return asked.error != NULL ? asked.error : "";
}

static const char *rest(void)
{
	static char text[ANSWERS_PAGE + 1];

	assert_false(answers_wait(&asked, settle()));
	text[answers_more(&asked, text, ANSWERS_PAGE, &now)] = '\0';
	return text;
}

static const char *answer(const char *line)
{
	begin(line);
	return rest();
}

static void acknowledge(uint64_t grant, uint32_t result)
{
	gate_answered(&(struct ack){.grant = grant, .verb = ORDER_OPEN, .result = result}, &now);
}

/* Nothing goes to the firewall before the grant is on record, and the answer waits for both. */
static void opening(void **state)
{
	struct order order;

	(void)state;
	assert_string_equal(begin("open 192.0.2.7 tcp/22 for=10m"), "");
	assert_int_equal(take_orders(ORDER_OPEN, &order), 0);
	assert_true(answers_wait(&asked, UINT64_MAX));
	settle();
	assert_int_equal(take_orders(ORDER_OPEN, &order), 1);
	assert_int_equal(order.grant, 1);
	assert_int_equal(order.until_ms, now.boot_ms + 600000);
	assert_string_equal(order.key, "admin");
	assert_true(answers_wait(&asked, UINT64_MAX));
	assert_string_equal(answer("check 192.0.2.7 door=tcp/22"), "no reason=no-knock\n\n");
	begin("open 192.0.2.7 tcp/22 for=10m");
	settle();
	acknowledge(1, 0);
	acknowledge(2, 0);
	assert_string_equal(rest(),
			    "grant=2 addr=192.0.2.7 door=tcp/22 until=2026-11-23T19:10:00Z\n\n");
	assert_string_equal(answer("check 192.0.2.7 door=tcp/22 user=whoever"),
			    "yes key=admin age=0 grant=2\n\n");
	assert_int_equal(grant_count(), 1);
}

/* Asked twice at once: who was replaced has his door open all the same. */
static void opened_twice(void **state)
{
	struct answer first;

	(void)state;
	begin("open 192.0.2.7 tcp/22");
	first = asked;
	begin("open 192.0.2.7 tcp/22");
	settle();
	acknowledge(1, 0);
	acknowledge(2, 0);
	asked = first;
	assert_string_equal(rest(),
			    "grant=2 addr=192.0.2.7 door=tcp/22 until=2026-11-23T19:00:30Z\n\n");
}

static void not_opened(void **state)
{
	struct order order;

	(void)state;
	assert_string_equal(begin("open 192.0.2.7 tcp/23"), "door");
	assert_string_equal(begin("open 192.0.2.7 udp/22"), "door");
	assert_string_equal(begin("open 192.0.2.7 tcp/22 for=3601"), "span");
	assert_string_equal(begin("open 127.0.0.1 tcp/22"), "address");
	assert_string_equal(begin("open ff02::1 tcp/22"), "address");
	assert_string_equal(begin("open gate tcp/22"), "malformed");
	answer("block 192.0.2.7");
	assert_string_equal(begin("open 192.0.2.7 tcp/22"), "blocked");
	answers_begin(&asked, "open 192.0.2.8 tcp/22", 1000, &now);
	assert_string_equal(asked.error, "not-root");
	settle();
	assert_int_equal(take_orders(ORDER_OPEN, &order), 0);
	assert_int_equal(grant_count(), 0);
	begin("open 192.0.2.8 tcp/22");
	settle();
	acknowledge(1, EINVAL);
	assert_string_equal(rest(), "error reason=firewall\n\n");
	assert_int_equal(grant_count(), 0);
	assert_int_equal(noise_counts.refused[ACCEPT_FIREWALL], 1);
}

/* Closed before it is on record: the firewall never hears of it. */
static void closed_before_it_opens(void **state)
{
	struct order order;

	(void)state;
	begin("open 192.0.2.7 tcp/22");
	assert_string_equal(answer("close all"), "closed=1 logins=0\n\n");
	assert_int_equal(take_orders(ORDER_OPEN, &order), 0);
	assert_int_equal(take_orders(ORDER_CLOSE, &order), 0);
}

/* As many as may wait, and no more. */
static void too_many_at_once(void **state)
{
	char line[64];

	(void)state;
	for (int i = 0; i < GATE_WANTED; i++) {
		snprintf(line, sizeof line, "open 198.51.100.%d tcp/22", i);
		assert_string_equal(begin(line), "");
	}
	assert_string_equal(begin("open 192.0.2.7 tcp/22"), "limit");
	settle();
	assert_string_equal(begin("open 192.0.2.7 tcp/22"), "");
}

static void blocking(void **state)
{
	struct order order;

	(void)state;
	make_grants(20);
	const struct address address = address_of(seven);
	assert_string_equal(answer("check 192.0.2.7"), "no reason=no-knock\n\n");
	login_opened(grant_find(8));
	assert_string_equal(answer("check 192.0.2.7"), "yes key=bob age=0 grant=8\n\n");
	assert_string_equal(answer("block 192.0.2.7 for=10m"), "closed=1 logins=1\n\n");
	assert_int_equal(take_orders(ORDER_CLOSE, &order), 1);
	assert_true(address_equal(&order.address, &address));
	assert_string_equal(answer("check 192.0.2.7 max-age=1h"), "no reason=blocked\n\n");
	assert_string_equal(answer("check ::ffff:192.0.2.7"), "no reason=blocked\n\n");
	assert_string_equal(answer("block 2001:db8::7"), "closed=0 logins=0\n\n");
	assert_string_equal(answer("blocks"),
			    "addr=192.0.2.7 until=2026-11-23T19:10:00Z left=600s\n"
			    "addr=2001:db8::7\n\n");
	now.wall_ms += 600000;
	assert_string_equal(answer("check 192.0.2.7"), "no reason=no-knock\n\n");
	assert_string_equal(answer("blocks"), "addr=2001:db8::7\n\n");
	assert_string_equal(answer("unblock 192.0.2.7"), "unblocked=0\n\n");
	assert_string_equal(answer("unblock 2001:db8::7"), "unblocked=1\n\n");
	assert_string_equal(answer("blocks"), "\n");
}

static void blocks_are_bounded(void **state)
{
	char line[64];

	(void)state;
	for (int i = 0; i < ROWS_BLOCKS; i++) {
		snprintf(line, sizeof line, "block 2001:db8::%x for=%dm", i, i % 2 + 1);
		assert_string_equal(begin(line), "");
	}
	assert_string_equal(begin("block 192.0.2.7"), "limit");
	assert_string_equal(begin("block 2001:db8::4"), "");
	assert_int_equal(block_count(&now), ROWS_BLOCKS);
	now.wall_ms += 60000;
	assert_int_equal(block_count(&now), ROWS_BLOCKS / 2 + 1);
	assert_string_equal(begin("block 192.0.2.7"), "");
	settle();
}

/* The end of this process, and the next one's beginning. */
static void live_again(void)
{
	settle();
	store_end();
	start_record();
}

/* The end comes when it is on record, and before the firewall is asked: the next life does that. */
static void opened_by_the_next_life(void **state)
{
	struct order order;

	(void)state;
	begin("open 192.0.2.7 tcp/22 for=10m");
	store_end();
	assert_int_equal(take_orders(ORDER_OPEN, &order), 0);
	now.boot_ms += 60000;
	start_record();
	assert_int_equal(take_orders(ORDER_OPEN, &order), 1);
	assert_int_equal(order.grant, 1);
	assert_int_equal(order.until_ms, now.boot_ms + 540000);
	assert_int_equal(grant_last(), 1);
}

static void the_next_life_knows(void **state)
{
	struct order order;

	(void)state;
	answer("block 192.0.2.9 for=1h");
	answer("block 192.0.2.10");
	answer("unblock 192.0.2.10");
	begin("open 192.0.2.7 tcp/22 for=1m");
	settle();
	acknowledge(1, 0);
	take_orders(ORDER_OPEN, &order);
	live_again();
	assert_string_equal(answer("check 192.0.2.9"), "no reason=blocked\n\n");
	assert_string_equal(answer("check 192.0.2.10"), "no reason=no-knock\n\n");
	assert_int_equal(take_orders(ORDER_OPEN, &order), 1);
	acknowledge(1, 0);
	assert_string_equal(answer("check 192.0.2.7"), "yes key=admin age=0 grant=1\n\n");
	start.config.n_doors = 0;
	policy_start(&start.config, 2);
	live_again();
	start.config.n_doors = 2;
	assert_int_equal(grant_count(), 0);
	assert_string_equal(answer("check 192.0.2.7 max-age=1h"), "no reason=no-knock\n\n");
}

/* A grant that is over, by time: its login counts as long as the asker likes, in the next life, too;
 * but not once it was closed or consumed. */
static void logins_outlive_their_grants(void **state)
{
	static const char question[] = "check 192.0.2.7 max-age=10m";

	(void)state;
	for (int i = 1; i <= 3; i++) {
		begin("open 192.0.2.7 tcp/22 for=30s");
		settle();
		acknowledge(grant_last(), 0);
		now.boot_ms += 30000;
		gate_expire(&now);
	}
	assert_int_equal(grant_count(), 0);
	assert_string_equal(answer(question), "yes key=admin age=30 grant=3\n\n");
	live_again();
	assert_int_equal(grant_count(), 0);
	assert_string_equal(answer(question), "yes key=admin age=30 grant=3\n\n");
	assert_string_equal(answer("check 192.0.2.7"), "no reason=old\n\n");
	assert_string_equal(answer("check 192.0.2.7 max-age=10m consume"),
			    "yes key=admin age=30 grant=3\n\n");
	live_again();
	assert_string_equal(answer(question), "yes key=admin age=60 grant=2\n\n");
	assert_string_equal(answer("close 192.0.2.7"), "closed=0 logins=3\n\n");
	live_again();
	assert_string_equal(answer(question), "no reason=no-knock\n\n");
}

static void history(void **state)
{
	(void)state;
	begin("open 192.0.2.7 tcp/22 for=1m");
	settle();
	acknowledge(1, 0);
	now.wall_ms += 1000;
	answer("block 192.0.2.7 for=1h");
	now.wall_ms += 1000;
	answer("check 192.0.2.7 door=tcp/22 by=pam service=sshd login=al%20ice");
	now.wall_ms += 1000;
	tell_refused(&(struct tell_refusal){.reason = ACCEPT_REPLAY,
					    .id = 1,
					    .key = "alice",
					    .via = "spa",
					    .source = address_of("2001:db8::7")},
		     &now);
	answer("unblock 192.0.2.7");
	static const char all[] =
	    "at=2026-11-23T19:00:00Z event=opened key=admin id=00000000 addr=192.0.2.7 "
	    "door=tcp/22 for=60s grant=1 via=admin\n"
	    "at=2026-11-23T19:00:01Z event=blocked addr=192.0.2.7 for=3600s\n"
	    "at=2026-11-23T19:00:01Z event=closed key=admin id=00000000 addr=192.0.2.7 "
	    "door=tcp/22 grant=1 via=admin why=close\n"
	    "at=2026-11-23T19:00:02Z event=denied by=pam addr=192.0.2.7 door=tcp/22 "
	    "user=al%20ice reason=blocked service=sshd\n"
	    "at=2026-11-23T19:00:03Z event=refused key=alice id=00000001 addr=2001:db8::7 via=spa "
	    "reason=replay\n"
	    "at=2026-11-23T19:00:03Z event=unblocked addr=192.0.2.7\n\n";
	assert_string_equal(answer("history"), all);
	assert_string_equal(answer("history since=1"), strstr(all, "at=2026-11-23T19:00:02Z"));
	assert_string_equal(answer("history since=2026-11-23T19:00:03Z"),
			    strstr(all, "at=2026-11-23T19:00:03Z"));
	assert_string_equal(answer("history since=2027-01-01"), "\n");
	live_again();
	assert_string_equal(answer("history"), all);
}

/* More than is kept: the oldest go, here and on record, and a reader in the middle goes on. */
static void history_is_bounded(void **state)
{
	struct rows_event row = {.event = "refused", .reason = "replay"};
	uint64_t place = 0, count = 0;

	(void)state;
	for (row.at_ms = 1; row.at_ms <= ROWS_HISTORY + 100; row.at_ms++)
		history_put(&row);
	for (int i = 0; i < 5; i++)
		assert_int_equal(history_next(&place, 0)->at_ms, 101 + i);
	for (; row.at_ms <= ROWS_HISTORY + 200; row.at_ms++)
		history_put(&row);
	assert_int_equal(history_next(&place, 0)->at_ms, 201);
	live_again();
	assert_int_equal(history_count(), ROWS_HISTORY);
	for (place = 0; history_next(&place, ROWS_HISTORY + 150) != NULL;)
		count++;
	assert_int_equal(count, 51);
}

/* Strangers before an open door: what they cause is counted, but not all of it is told. */
static void denials_are_limited(void **state)
{
	(void)state;
	for (int i = 0; i < 10000; i++)
		begin("check 192.0.2.7 by=tcpd service=in.telnetd");
	assert_int_equal(noise_counts.logins[LOGIN_NO_KNOCK], 10000);
	assert_in_range(history_count(), 1, 200);
	/* Whoever is not root is answered, but can't have others told of it. */
	answers_begin(&asked, "check 192.0.2.7 by=pam", 1000, &now);
	assert_string_equal(rest(), "no reason=no-knock\n\n");
	assert_int_equal(noise_counts.logins[LOGIN_NO_KNOCK], 10000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(opening),
	    TEST(opened_twice),
	    TEST(not_opened),
	    TEST(closed_before_it_opens),
	    TEST(too_many_at_once),
	    TEST(blocking),
	    TEST(blocks_are_bounded),
	    TEST(opened_by_the_next_life),
	    TEST(the_next_life_knows),
	    TEST(logins_outlive_their_grants),
	    TEST(history),
	    TEST(history_is_bounded),
	    TEST(denials_are_limited),
	};

	if (!start_asking())
		return 1;
	return cmocka_run_group_tests_name("admin", tests, NULL, NULL);
}
