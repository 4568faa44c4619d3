/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "firewall/living.h"
#include "firewall/sets.h"
#include "unit.h"

static struct living living;
static struct rules rules;
static struct rule opened[8], closed[8];
static struct error error;

/* grant on the door tcp/22 of 192.0.2.HOST */
static struct rule rule(uint64_t grant, uint8_t host, uint64_t until_ms)
{
	const uint8_t four[4] = {192, 0, 2, host};
	struct rule one = {.grant = grant, .until_ms = until_ms, .door = {22, DOOR_TCP, 0}};

	address_from_v4(&one.address, four);
	return one;
}

static void begin(void)
{
	rules = (struct rules){.living = living.list, .opened = opened, .closed = closed};
}

static void open_one(uint64_t grant, uint8_t host, uint64_t until_ms)
{
	struct rule one = rule(grant, host, until_ms);

	assert_true(living_put(&living, &one));
	opened[rules.n_opened++] = one;
}

static void close_one(uint64_t grant)
{
	const struct rule *found = living_find(&living, grant);

	assert_non_null(found);
	closed[rules.n_closed++] = *found;
	living_remove(&living, grant);
}

static const struct sets_element *taken(size_t *n)
{
	rules.n_living = living.n;
	return sets_take(&rules, true, n);
}

/* The commit concerns this element alone, and it ends then. */
static void assert_taken(uint8_t host, uint64_t until_ms)
{
	const struct rule one = rule(1, host, 0);
	size_t n;
	const struct sets_element *list = taken(&n);

	assert_int_equal(n, 1);
	assert_true(address_equal(&list->address, &one.address));
	assert_int_equal(list->until_ms, until_ms);
}

static int set_up(void **state)
{
	size_t n;

	(void)state;
	living.n = 0;
	begin();
	rules.all = true;
	taken(&n);
	begin();
	return sets_start(&error);
}

static void ends_with_the_last_grant(void **state)
{
	(void)state;
	open_one(1, 7, 1000);
	assert_taken(7, 1000);
	begin();
	open_one(2, 7, 3000);
	assert_taken(7, 3000);
	begin();
	open_one(3, 7, 2000);
	assert_taken(7, 3000);
	begin();
	close_one(2);
	assert_taken(7, 2000);
	begin();
	close_one(1);
	close_one(3);
	assert_taken(7, 0);
}

static void a_new_order_moves_the_end(void **state)
{
	(void)state;
	open_one(1, 7, 1000);
	assert_taken(7, 1000);
	begin();
	open_one(1, 7, 500);
	assert_taken(7, 500);
}

static void each_is_taken_once(void **state)
{
	size_t n;

	(void)state;
	open_one(1, 7, 1000);
	open_one(2, 7, 2000);
	open_one(3, 8, 2000);
	taken(&n);
	assert_int_equal(n, 2);
	/* The other family has none. */
	sets_take(&rules, false, &n);
	assert_int_equal(n, 0);
	begin();
	close_one(1);
	close_one(2);
	open_one(4, 7, 4000);
	assert_taken(7, 4000);
	begin();
	rules.all = true;
	taken(&n);
	assert_int_equal(n, 2);
}

/* Closed and opened again, and opened and closed at once. */
static void within_one_batch(void **state)
{
	(void)state;
	open_one(1, 7, 1000);
	assert_taken(7, 1000);
	begin();
	close_one(1);
	open_one(1, 7, 2000);
	assert_taken(7, 2000);
	begin();
	open_one(2, 7, 3000);
	rules.n_opened = 0;
	close_one(2);
	assert_taken(7, 2000);
}

static void forgets_what_failed(void **state)
{
	struct rule lost;

	(void)state;
	open_one(1, 7, 1000);
	assert_taken(7, 1000);
	begin();
	open_one(2, 7, 9000);
	assert_taken(7, 9000);
	lost = *living_find(&living, 2);
	sets_forget();
	living_remove(&living, 2);
	begin();
	open_one(3, 7, 3000);
	assert_taken(7, 3000);
	begin();
	closed[rules.n_closed++] = lost;
	assert_taken(7, 3000);
}

static struct sets_look at;

static void look(uint64_t now_ms)
{
	rules.n_living = living.n;
	sets_look(&at, &rules, now_ms);
}

/* left_ms: as the kernel has it */
static bool finds(uint8_t host, uint64_t left_ms)
{
	const struct rule one = rule(1, host, 0);
	const struct sets_element element = {left_ms, one.address, one.door};

	at.changed = false;
	sets_look_at(&element, &at);
	return !at.changed;
}

static void compares(void **state)
{
	size_t n;

	(void)state;
	open_one(1, 7, 50000);
	open_one(2, 7, 60000);
	open_one(3, 8, 50000);
	open_one(4, 9, 12000);
	taken(&n);
	begin();
	look(10000);
	assert_false(finds(7, 52000));
	assert_false(sets_look_end(&at, true)); /* what was wrong is not forgotten */
	assert_false(finds(7, 40000));
	assert_false(finds(7, 0)); /* it has no end */
	assert_false(finds(10, 40000));
	assert_true(finds(7, 50000));
	assert_true(finds(7, 49000));           /* whole seconds, rounded down */
	assert_false(sets_look_end(&at, true)); /* 8 is missing */
	assert_true(sets_look_end(&at, false)); /* which is none of that family */
	look(10000);
	assert_true(finds(7, 50000));
	assert_true(finds(8, 40000));
	assert_true(sets_look_end(&at, true)); /* 9 may have gone */
	look(5000);
	assert_true(finds(7, 55000));
	assert_true(finds(8, 45000));
	assert_false(sets_look_end(&at, true));
}

/* As many as there may be, all in one element, or each in its own. */
static void takes_as_many_as_live(void **state)
{
	size_t n;

	(void)state;
	for (uint64_t grant = 1; grant <= LIVING_MAX; grant++) {
		struct rule one = rule(grant, 7, grant);
		one.address.bytes[14] = (uint8_t)(grant >> 8);
		one.address.bytes[15] = (uint8_t)grant;
		assert_true(living_put(&living, &one));
	}
	rules.all = true;
	taken(&n);
	assert_int_equal(n, LIVING_MAX);
	begin();
	close_one(1);
	close_one(2);
	open_one(LIVING_MAX + 1, 7, 5);
	open_one(LIVING_MAX + 2, 7, 6);
	taken(&n);
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(ends_with_the_last_grant, set_up),
	    cmocka_unit_test_setup(a_new_order_moves_the_end, set_up),
	    cmocka_unit_test_setup(each_is_taken_once, set_up),
	    cmocka_unit_test_setup(within_one_batch, set_up),
	    cmocka_unit_test_setup(forgets_what_failed, set_up),
	    cmocka_unit_test_setup(compares, set_up),
	    cmocka_unit_test_setup(takes_as_many_as_live, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
