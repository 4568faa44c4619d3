/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "error.h"
#include "unit.h"

static void writes_and_returns(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(error_set(&error, "%s:%d: no", "file", 7), -1);
	assert_string_equal(error.text, "file:7: no");
}

static void null_is_fine(void **state)
{
	(void)state;
	assert_int_equal(error_set(NULL, "%d", 1), -1);
}

static void long_text_is_cut(void **state)
{
	struct error error;

	(void)state;
	memset(&error, 'x', sizeof error);
	error_set(&error, "%1000d", 1);
	assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

static void stays_one_line(void **state)
{
	struct error error;

	(void)state;
	error_set(&error, "\"%s\"", "a\nb\rc\033[0m\x7f\xc3\xa9");
	assert_string_equal(error.text, "\"a?b?c?[0m?\xc3\xa9\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_and_returns),
	    cmocka_unit_test(null_is_fine),
	    cmocka_unit_test(long_text_is_cut),
	    cmocka_unit_test(stays_one_line),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
