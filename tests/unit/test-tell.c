/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines are an interface: here they stand letter by letter. And they are bounded, with nothing
 * forgotten: lines and held= add up.
 */
#include <stdio.h>
#include <stdlib.h>

#include "auth/tell.h"
#include "crypto.h"
#include "loglines.h"
#include "unit.h"

static struct now now;
static struct grant grant = {.number = 17,
			     .since_ms = 1795460400123,
			     .until_ms = 1795460430123,
			     .door = {22, DOOR_TCP, 0},
			     .id = 0x0011aabb,
			     .key = "alice",
			     .via = "spa"};
static struct tell_refusal refusal = {
    .reason = ACCEPT_REPLAY, .id = 0x0011aabb, .key = "alice", .via = "sequence"};

static int start(void **state)
{
	(void)state;
	now = (struct now){.wall_ms = 1795460400123, .boot_ms = 1000000};
	loglines_drain();
	tell_start();
	return 0;
}

static void lines(void **state)
{
	const struct tell_refusal skewed = {.reason = ACCEPT_SKEW,
					    .id = 1,
					    .key = "bob",
					    .via = "spa",
					    .source = grant.address,
					    .skew_ms = 312999};
	const struct tell_refusal at_door = {.reason = ACCEPT_FIREWALL,
					     .id = 1,
					     .key = "bob",
					     .via = "spa",
					     .source = grant.address,
					     .door = grant.door};

	(void)state;
	tell_opened(&grant, &now);
	assert_string_equal(loglines_next(),
			    "event=opened key=alice id=0011aabb addr=192.0.2.7 door=tcp/22 for=30s "
			    "until=2026-11-23T19:00:30Z grant=17 via=spa");
	tell_closed(&grant, TELL_EXPIRED, &now);
	assert_string_equal(
	    loglines_next(),
	    "event=closed grant=17 key=alice addr=192.0.2.7 door=tcp/22 why=expired");
	tell_refused(&refusal, &now);
	assert_string_equal(loglines_next(), "event=refused key=alice id=0011aabb addr=192.0.2.7 "
					     "via=sequence reason=replay");
	tell_refused(&skewed, &now);
	assert_string_equal(loglines_next(), "event=refused key=bob id=00000001 addr=192.0.2.7 "
					     "via=spa reason=skew skew=+312");
	tell_refused(&at_door, &now);
	assert_string_equal(loglines_next(), "event=refused key=bob id=00000001 addr=192.0.2.7 "
					     "door=tcp/22 via=spa reason=firewall");
	tell_attack("clock-behind");
	assert_string_equal(loglines_next(), "event=attack what=clock-behind");
}

/* Lines that are there, with what they hold. */
static long count(long *n_lines)
{
	const char *line;
	long sum = 0;

	for (*n_lines = 0; *(line = loglines_next()) != '\0'; (*n_lines)++) {
		const char *held = strstr(line, " held=");
		sum += 1 + (held == NULL ? 0 : atol(held + 6));
	}
	return sum;
}

static void one_key(void **state)
{
	long n_lines;

	(void)state;
	assert_true(tell_deadline() == UINT64_MAX);
	for (int i = 0; i < 1000; i++)
		tell_refused(&refusal, &now);
	assert_int_equal(count(&n_lines), 5);
	now.boot_ms += 10000;
	tell_refused(&refusal, &now);
	assert_non_null(strstr(loglines_next(), "reason=replay held=995"));
	tell_refused(&refusal, &now);
	tell_refused(&refusal, &now);
	assert_string_equal(loglines_next(), "");
	/* What is held back is told in the end, whether or not there is more. */
	now.boot_ms = tell_deadline() - 1;
	tell_held(&now);
	assert_string_equal(loglines_next(), "");
	now.boot_ms++;
	tell_held(&now);
	assert_string_equal(loglines_next(), "event=refused key=alice id=0011aabb addr=192.0.2.7 "
					     "via=sequence reason=replay held=1");
	assert_true(tell_deadline() == UINT64_MAX);
	assert_string_equal(loglines_next(), "");
}

/* Another reason, or another key, has its own. */
static void apart(void **state)
{
	struct tell_refusal other = refusal;

	(void)state;
	for (int i = 0; i < 20; i++)
		tell_refused(&refusal, &now);
	loglines_drain();
	other.reason = ACCEPT_RATE;
	tell_refused(&other, &now);
	assert_non_null(strstr(loglines_next(), "reason=rate"));
	other = refusal;
	other.id++;
	tell_refused(&other, &now);
	assert_non_null(strstr(loglines_next(), "id=0011aabc"));
}

/* More keys than the table has room for, each often: few lines, and the sum is right. */
static void all_keys(void **state)
{
	enum { KEYS = 10000, EACH = 7 };
	struct tell_refusal any = refusal;
	long n_lines, sum, all_lines = 0;

	(void)state;
	for (uint32_t i = 0; i < KEYS * EACH; i++) {
		any.id = i % KEYS;
		tell_refused(&any, &now);
	}
	sum = count(&n_lines);
	assert_int_equal(n_lines, 100);
	for (int minutes = 0; tell_deadline() != UINT64_MAX; minutes++) {
		assert_in_range(minutes, 0, 100);
		now.boot_ms = tell_deadline();
		tell_held(&now);
		sum += count(&n_lines);
		all_lines += n_lines;
		assert_in_range(n_lines, 1, 302);
	}
	assert_int_equal(sum, KEYS * EACH);
	print_message("# %d refusals, %ld lines\n", KEYS * EACH, all_lines + 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(lines, start),
	    cmocka_unit_test_setup(one_key, start),
	    cmocka_unit_test_setup(apart, start),
	    cmocka_unit_test_setup(all_keys, start),
	};

	if (crypto_start() == -1 || loglines_start("test-tell") == -1)
		return 1;
	address_parse(&grant.address, "192.0.2.7");
	refusal.source = grant.address;
	return cmocka_run_group_tests_name("tell", tests, NULL, NULL);
}
