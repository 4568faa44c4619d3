/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "firewall/living.h"
#include "unit.h"

static struct living living;

static struct rule rule(uint64_t grant, uint64_t until_ms)
{
	return (struct rule){.grant = grant, .until_ms = until_ms};
}

static int set_up(void **state)
{
	(void)state;
	living.n = 0;
	return 0;
}

static void put(uint64_t grant, uint64_t until_ms)
{
	const struct rule one = rule(grant, until_ms);

	assert_true(living_put(&living, &one));
}

static void keeps_them_in_order(void **state)
{
	static const uint64_t grants[] = {5, 9, 1, 7, UINT64_MAX, 3};
	static const uint64_t sorted[] = {1, 3, 5, 7, 9, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(grants); i++)
		put(grants[i], grants[i]);
	assert_int_equal(living.n, COUNT(sorted));
	for (size_t i = 0; i < COUNT(sorted); i++) {
		assert_int_equal(living.list[i].grant, sorted[i]);
		assert_ptr_equal(living_find(&living, sorted[i]), &living.list[i]);
	}
	assert_null(living_find(&living, 2));
	assert_null(living_find(&living, 10));
}

static void replaces(void **state)
{
	(void)state;
	put(4, 100);
	put(2, 100);
	put(4, 200);
	assert_int_equal(living.n, 2);
	assert_int_equal(living_find(&living, 4)->until_ms, 200);
	assert_int_equal(living_find(&living, 2)->until_ms, 100);
}

static void removes(void **state)
{
	(void)state;
	put(1, 1);
	put(2, 2);
	put(3, 3);
	assert_true(living_remove(&living, 2));
	assert_false(living_remove(&living, 2));
	assert_int_equal(living.n, 2);
	assert_non_null(living_find(&living, 1));
	assert_non_null(living_find(&living, 3));
}

static void expires(void **state)
{
	struct rule ended[8];

	(void)state;
	for (uint64_t grant = 1; grant <= 6; grant++)
		put(grant, grant % 2 ? 100 : 200);
	assert_int_equal(living_first_end(&living), 100);
	assert_int_equal(living_expire(&living, 99, ended, COUNT(ended)), 0);
	assert_int_equal(living_expire(&living, 100, ended, COUNT(ended)), 3);
	assert_int_equal(ended[0].grant, 1);
	assert_int_equal(ended[2].grant, 5);
	assert_int_equal(living.n, 3);
	assert_int_equal(living.list[0].grant, 2);
	assert_int_equal(living.list[2].grant, 6);
	assert_int_equal(living_first_end(&living), 200);
}

static void expires_as_far_as_there_is_room(void **state)
{
	struct rule ended[2];

	(void)state;
	for (uint64_t grant = 1; grant <= 5; grant++)
		put(grant, 100);
	assert_int_equal(living_expire(&living, 100, ended, 2), 2);
	assert_int_equal(living.n, 3);
	assert_int_equal(living_expire(&living, 100, ended, 0), 0);
	assert_int_equal(living_expire(&living, 100, ended, 2), 2);
	assert_int_equal(living_expire(&living, 100, ended, 2), 1);
	assert_int_equal(living_first_end(&living), UINT64_MAX);
}

static void is_full_at_its_bound(void **state)
{
	const struct rule one_more = rule(LIVING_MAX + 1, 1), same = rule(7, 2);

	(void)state;
	for (uint64_t grant = 1; grant <= LIVING_MAX; grant++)
		put(grant, 1);
	assert_false(living_put(&living, &one_more));
	assert_int_equal(living.n, LIVING_MAX);
	assert_true(living_put(&living, &same));
	assert_true(living_remove(&living, 1));
	assert_true(living_put(&living, &one_more));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(keeps_them_in_order, set_up),
	    cmocka_unit_test_setup(replaces, set_up),
	    cmocka_unit_test_setup(removes, set_up),
	    cmocka_unit_test_setup(expires, set_up),
	    cmocka_unit_test_setup(expires_as_far_as_there_is_room, set_up),
	    cmocka_unit_test_setup(is_full_at_its_bound, set_up),
	};

	return cmocka_run_group_tests_name("living", tests, NULL, NULL);
}
