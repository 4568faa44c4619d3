/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "name.h"
#include "unit.h"

static void names(void **state)
{
	static const char *const good[] = {
	    "a", "alice", "A.b_c-9", "...", ".hidden", "_x", "12345678901234567890123456789012"};
	static const char *const bad[] = {"",
					  ".",
					  "..",
					  "-a",
					  "a b",
					  "a/b",
					  "a=b",
					  "a@b",
					  "a\n",
					  "a%",
					  "\xc3\xa9",
					  "a,b",
					  "123456789012345678901234567890123"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(name_valid(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(name_valid(bad[i]));
}

/* As in a message that somebody else made. */
static void what_has_no_end_is_none(void **state)
{
	char name[NAME_SIZE];

	(void)state;
	memset(name, 'z', sizeof name);
	assert_false(name_valid(name));
	name[NAME_SIZE - 1] = '\0';
	assert_true(name_valid(name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names),
	    cmocka_unit_test(what_has_no_end_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
