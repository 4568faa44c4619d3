/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "auth/policy.h"
#include "unit.h"

static struct config config = {.n_doors = 2, .grant_default_s = 30, .grant_max_s = 60};
static struct door doors[] = {{22, DOOR_TCP, 0}, {80, DOOR_TCP, 0}};
static const struct key key = {.doors = doors, .n_doors = 2};

static int start(void **state)
{
	(void)state;
	config.doors[0] = (struct door){22, DOOR_TCP, 0};
	config.doors[1] = (struct door){25, DOOR_TCP, 0};
	return policy_start(&config, 2);
}

static void rate(void **state)
{
	(void)state;
	for (int i = 0; i < POLICY_BURST; i++)
		assert_true(policy_rate(0, 5000));
	assert_false(policy_rate(0, 5000));
	assert_false(policy_rate(0, 5999));
	assert_true(policy_rate(0, 6000));
	assert_false(policy_rate(0, 6000));
	assert_true(policy_rate(1, 6000)); /* another key has its own */
	for (int i = 0; i < POLICY_BURST; i++)
		assert_true(policy_rate(0, 60000));
	assert_false(policy_rate(0, 60000)); /* more than the burst is never saved up */
}

/* Soon after the machine started, a burst is whole as well. */
static void rate_at_start(void **state)
{
	(void)state;
	for (int i = 0; i < POLICY_BURST; i++)
		assert_true(policy_rate(0, 0));
	assert_false(policy_rate(0, 0));
}

static void rate_again(void **state)
{
	struct claims claims = {.count = 9};
	const struct now now = {.wall_ms = 900000, .boot_ms = 50000};

	(void)state;
	for (uint32_t i = 0; i < claims.count; i++) /* its clock is fast */
		claims.times_ms[i] = 900100 - 100 * i;
	policy_rate_again(0, &claims, &now);
	assert_true(policy_rate(0, 50000));
	assert_false(policy_rate(0, 50000));
	assert_true(policy_rate(0, 51000));
	for (uint32_t i = 0; i < claims.count; i++) /* long ago */
		claims.times_ms[i] = 800000 - 100 * i;
	policy_rate_again(1, &claims, &now);
	for (int i = 0; i < POLICY_BURST; i++)
		assert_true(policy_rate(1, 50000));
}

static void room(void **state)
{
	const struct key many = {.n_doors = 20};

	(void)state;
	assert_true(policy_room(&key, 15, 1));
	assert_false(policy_room(&key, 16, 1));
	assert_true(policy_room(&key, 16, 0));
	assert_true(policy_room(&many, 0, 20)); /* all its doors at once */
	assert_false(policy_room(&many, 20, 1));
}

static void both_must_name_a_door(void **state)
{
	const struct request all = {.action = KNOCK_OPEN, .seconds = 300};
	const struct address address = {{[15] = 1}};
	const struct now now = {.wall_ms = 900000};
	struct door found[KEYS_DOORS];
	uint32_t n, seconds;

	(void)state;
	assert_int_equal(policy_doors(found, &n, &seconds, &key, &all), ACCEPT_OK);
	assert_int_equal(n, 1);
	assert_true(door_equal(&found[0], &doors[0]));
	assert_int_equal(seconds, 60);
	assert_true(policy_still(&key, &address, &doors[0], &now));
	assert_false(
	    policy_still(&key, &address, &doors[1], &now)); /* the server does not list it */
	assert_false(policy_still(&key, &address, &config.doors[1], &now)); /* the key does not */
}

static void a_key_must_be_in_force(void **state)
{
	struct network home;
	struct key one = key;
	struct address inside, outside;
	const struct now now = {.wall_ms = 900000, .boot_ms = 50000};

	(void)state;
	assert_int_equal(network_parse(&home, "192.0.2.0/24", NULL), 0);
	assert_int_equal(address_parse(&inside, "192.0.2.7"), 0);
	assert_int_equal(address_parse(&outside, "198.51.100.7"), 0);
	assert_true(policy_still(&one, &outside, &doors[0], &now));
	one.from = &home;
	one.n_from = 1;
	assert_true(policy_still(&one, &inside, &doors[0], &now));
	assert_false(policy_still(&one, &outside, &doors[0], &now));
	one.expires_ms = 900001;
	assert_true(policy_still(&one, &inside, &doors[0], &now));
	one.expires_ms = 900000;
	assert_false(policy_still(&one, &inside, &doors[0], &now));
}

static void no_grant_outlives_what_allows_it(void **state)
{
	struct key one = key;
	const struct now now = {.wall_ms = 900000, .boot_ms = 50000};

	(void)state;
	assert_int_equal(policy_longest_ms(&one, &now), 60000);
	one.max_s = 90;
	assert_int_equal(policy_longest_ms(&one, &now), 60000);
	one.max_s = 20;
	assert_int_equal(policy_longest_ms(&one, &now), 20000);
	one.expires_ms = 920000;
	assert_int_equal(policy_longest_ms(&one, &now), 20000);
	one.expires_ms = 905000;
	assert_int_equal(policy_longest_ms(&one, &now), 5000);
	one.expires_ms = 800000;
	assert_int_equal(policy_longest_ms(&one, &now), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(rate, start),
	    cmocka_unit_test_setup(rate_at_start, start),
	    cmocka_unit_test_setup(rate_again, start),
	    cmocka_unit_test_setup(room, start),
	    cmocka_unit_test_setup(both_must_name_a_door, start),
	    cmocka_unit_test_setup(a_key_must_be_in_force, start),
	    cmocka_unit_test_setup(no_grant_outlives_what_allows_it, start),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
