/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <stdlib.h>

#include "auth/grant.h"
#include "unit.h"

enum { HOLDERS = 50 };

static struct grant *add(uint32_t holder, uint64_t until_boot_ms)
{
	const struct grant model = {.holder = holder, .until_boot_ms = until_boot_ms};

	return grant_add(&model);
}

static int start(void **state)
{
	(void)state;
	return grant_start(HOLDERS, 16);
}

static int end(void **state)
{
	(void)state;
	grant_end();
	return 0;
}

static void numbers(void **state)
{
	const struct grant old = {.number = 40};

	(void)state;
	assert_int_equal(add(0, 1)->number, 17);
	assert_int_equal(add(0, 1)->number, 18);
	assert_int_equal(grant_add(&old)->number, 40);
	assert_int_equal(add(0, 1)->number, 41);
	grant_remove(grant_find(41));
	assert_int_equal(add(0, 1)->number, 42);
	assert_int_equal(grant_last(), 42);
	/* What an earlier life granted comes back below the last number that it had used. */
	assert_int_equal(grant_start(HOLDERS, 100), 0);
	assert_int_equal(grant_add(&old)->number, 40);
	assert_int_equal(add(0, 1)->number, 101);
	assert_null(grant_find(41));
	assert_null(grant_find(19));
}

static void by_number(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		add(0, 100);
	grant_remove(grant_find(19));
	assert_int_equal(grant_first()->number, 17);
	assert_int_equal(grant_after(0)->number, 17);
	assert_int_equal(grant_after(17)->number, 18);
	assert_int_equal(grant_after(18)->number, 20);
	assert_int_equal(grant_after(19)->number, 20); /* which has gone */
	assert_null(grant_after(21));
	assert_null(grant_next(grant_find(21)));
}

static void full(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < GRANT_TABLE; i++)
		assert_non_null(add(i % HOLDERS, i));
	assert_null(add(0, 0));
	assert_int_equal(grant_count(), GRANT_TABLE);
	grant_remove(grant_find(1000));
	assert_non_null(add(0, 0));
	for (struct grant *grant; (grant = grant_soonest()) != NULL;)
		grant_remove(grant);
	assert_int_equal(grant_count(), 0);
	assert_null(grant_first());
}

/* Against a plain array that does the same the slow way. */

static struct {
	uint64_t number, until;
	uint32_t holder;
} plain[600];
static size_t n_plain;

static void check_soonest(void)
{
	uint64_t soonest = UINT64_MAX;

	for (size_t i = 0; i < n_plain; i++)
		if (plain[i].until < soonest)
			soonest = plain[i].until;
	assert_int_equal(grant_count(), n_plain);
	if (n_plain > 0)
		assert_true(grant_soonest()->until_boot_ms == soonest);
	else
		assert_null(grant_soonest());
}

static void check_holder(uint32_t holder)
{
	size_t expected = 0, found = 0;

	for (size_t i = 0; i < n_plain; i++)
		expected += plain[i].holder == holder;
	for (const struct grant *g = grant_first_of(holder); g; g = grant_next_of(g)) {
		assert_int_equal(g->holder, holder);
		found++;
	}
	assert_int_equal(found, expected);
}

static void check_order(void)
{
	uint64_t before = 0;
	size_t count = 0;

	for (const struct grant *g = grant_first(); g; g = grant_next(g), count++) {
		assert_true(g->number > before);
		before = g->number;
		assert_ptr_equal(grant_find(g->number), g);
	}
	assert_int_equal(count, n_plain);
}

static void add_both(void)
{
	uint32_t holder = (uint32_t)(random() % HOLDERS);
	uint64_t until = (uint64_t)(random() % 1000);
	const struct grant *grant = add(holder, until);

	plain[n_plain].number = grant->number;
	plain[n_plain].until = until;
	plain[n_plain++].holder = holder;
}

static void remove_both(void)
{
	size_t i = (size_t)random() % n_plain;

	grant_remove(grant_find(plain[i].number));
	plain[i] = plain[--n_plain];
}

static void against_an_array(void **state)
{
	(void)state;
	srandom(17);
	n_plain = 0;
	for (int i = 0; i < 20000; i++) {
		bool grow = i / 2000 % 2 == 0 ? random() % 3 != 0 : random() % 3 == 0;
		if (n_plain == 0 || (grow && n_plain < COUNT(plain)))
			add_both();
		else
			remove_both();
		check_soonest();
		check_holder((uint32_t)i % HOLDERS);
		if (i % 100 == 0)
			check_order();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(numbers, start, end),
	    cmocka_unit_test_setup_teardown(by_number, start, end),
	    cmocka_unit_test_setup_teardown(full, start, end),
	    cmocka_unit_test_setup_teardown(against_an_array, start, end),
	};

	return cmocka_run_group_tests_name("grant", tests, NULL, NULL);
}
