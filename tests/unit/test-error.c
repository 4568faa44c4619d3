/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
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

static void expect_line(const char *text, const char *line)
{
	char copy[100];
	snprintf(copy, sizeof copy, "%s", text);
	error_one_line(copy);
	assert_string_equal(copy, line);
}

static void controls_of_unicode(void **state)
{
	(void)state;
	expect_line("a\xc2\x9b"
		    "2Jb",
		    "a??2Jb");
	expect_line("\xc2\xa0\xc2\x80", "\xc2\xa0??");
	expect_line("a\xe2\x80\xae"
		    "b\xe2\x80\xa8",
		    "a???b???");
	expect_line("\xe2\x81\xa6\xe2\x81\xa9\xe2\x80\xa6", "??????\xe2\x80\xa6");
	expect_line("\x9b"
		    "2J",
		    "?2J"); /* of no UTF-8 */
	expect_line("\xc3\x9b\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\x9b\xe2\x82\xac\xf0\x9f\x98\x80");
	expect_line("\xe2\x9b", "\xe2?"); /* cut */
	expect_line("\xe2\x80", "\xe2?");
	expect_line("\xe9t\xe9\xff", "\xe9t\xe9\xff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_and_returns),  cmocka_unit_test(null_is_fine),
	    cmocka_unit_test(long_text_is_cut),    cmocka_unit_test(stays_one_line),
	    cmocka_unit_test(controls_of_unicode),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
