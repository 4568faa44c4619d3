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
	struct door found[KEYS_DOORS];
	uint32_t n, seconds;

	(void)state;
	assert_int_equal(policy_doors(found, &n, &seconds, &key, &all), ACCEPT_OK);
	assert_int_equal(n, 1);
	assert_true(door_equal(&found[0], &doors[0]));
	assert_int_equal(seconds, 60);
	assert_true(policy_still(&key, &doors[0]));
	assert_false(policy_still(&key, &doors[1]));        /* the server does not list it */
	assert_false(policy_still(&key, &config.doors[1])); /* the key does not */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(rate, start),
	    cmocka_unit_test_setup(rate_at_start, start),
	    cmocka_unit_test_setup(rate_again, start),
	    cmocka_unit_test_setup(room, start),
	    cmocka_unit_test_setup(both_must_name_a_door, start),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
