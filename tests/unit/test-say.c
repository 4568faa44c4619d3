/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words for a shell: each is read by one as the word that it is.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "../../client/say.h"

static void expect(const char *word, const char *written)
{
	assert_string_equal(SAY_QUOTED(word), written);
}

static void test_words(void **state)
{
	(void)state;
	expect("/etc/postern/postern.conf", "/etc/postern/postern.conf");
	expect("a-b_c.d+e@f,g:h=1", "a-b_c.d+e@f,g:h=1");
	expect("", "''");
	expect("a b", "'a b'");
	expect("keys;touch x", "'keys;touch x'");
	expect("$(x) `y` \"z\" \\ ~ *", "'$(x) `y` \"z\" \\ ~ *'");
	expect("it's", "'it'\\''s'");
	expect("a\nb\033[1m", "'a?b?[1m'");
	expect("\xc3\xa9", "'\xc3\xa9'");
}

/* sh prints what it has read. */
static void test_shell(void **state)
{
	static const char word[] = "a'b''c \"d\" $(echo x) `echo y` \\ #";
	char command[SAY_WORD + 20], said[100] = "";
	(void)state;
	snprintf(command, sizeof command, "printf %%s %s", SAY_QUOTED(word));
	FILE *shell = popen(command, "r");
	assert_non_null(shell);
	assert_non_null(fgets(said, sizeof said, shell));
	pclose(shell);
	assert_string_equal(said, word);
}

/* The longest path there is, of quotes alone, is whole; of what is cut no shell runs the line. */
static void test_long(void **state)
{
	static char word[2 * SAY_WORD], command[SAY_COMMAND], line[SAY_COMMAND + 40];
	(void)state;
	memset(word, '\'', 4095);
	assert_int_equal(strlen(SAY_QUOTED(word)), 4 * 4095 + 2);
	say_command(command, "firewall install --backend ipset", word);
	assert_int_equal(command[strlen(command) - 1], '\'');
	assert_non_null(strstr(command, SAY_QUOTED(word)));
	memset(word, ' ', sizeof word - 1);
	expect(word, SAY_TOO_LONG);
	memset(word, 'x', sizeof word - 1);
	expect(word, SAY_TOO_LONG);
	snprintf(line, sizeof line, "{ echo run %s && echo run; } 2>&1", SAY_QUOTED(word));
	FILE *shell = popen(line, "r");
	assert_non_null(shell);
	while (fgets(line, sizeof line, shell) != NULL)
		assert_int_not_equal(strncmp(line, "run", 3), 0);
	assert_int_not_equal(pclose(shell), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_shell),
	    cmocka_unit_test(test_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
