/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "number.h"
#include "unit.h"

static void whole_numbers(void **state)
{
	static const struct {
		const char *text;
		uint32_t max, value;
	} good[] = {{"0", 0, 0},
		    {"1", 1, 1},
		    {"65535", 65535, 65535},
		    {"4294967295", UINT32_MAX, UINT32_MAX}};
	static const struct {
		const char *text;
		uint32_t max;
	} bad[] = {{"", 9},
		   {"-1", 9},
		   {"+1", 9},
		   {" 1", 9},
		   {"1 ", 9},
		   {"01", 9},
		   {"00", 9},
		   {"0x1", 9},
		   {"10", 9},
		   {"1", 0},
		   {"a", 9},
		   {"65536", 65535},
		   {"1\n", 9},
		   {"4294967296", UINT32_MAX},
		   {"99999999999999999999999999", UINT32_MAX}};
	uint32_t value;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(number_parse(&value, good[i].text, good[i].max), 0);
		assert_int_equal(value, good[i].value);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		value = 77;
		assert_int_equal(number_parse(&value, bad[i].text, bad[i].max), -1);
		assert_int_equal(value, 77);
	}
}

static void takes_as_far_as_digits_go(void **state)
{
	const char *text = "12-34", *at = text;
	uint32_t value;

	(void)state;
	assert_int_equal(number_take(&value, &at, 99), 0);
	assert_int_equal(value, 12);
	assert_ptr_equal(at, text + 2);
	assert_int_equal(number_take(&value, &at, 99), -1);
	assert_ptr_equal(at, text + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_numbers),
	    cmocka_unit_test(takes_as_far_as_digits_go),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
