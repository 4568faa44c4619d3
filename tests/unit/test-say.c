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

/* What is too long is cut, and still one word. */
static void test_long(void **state)
{
	static char word[2 * SAY_WORD];
	char text[SAY_WORD];
	(void)state;
	memset(word, 'a', sizeof word - 1);
	assert_int_equal(strlen(say_word(text, word)), SAY_WORD - 5);
	assert_int_equal(text[0], '\'');
	assert_int_equal(text[SAY_WORD - 6], '\'');
	memset(word, '\'', sizeof word - 1);
	size_t length = strlen(say_word(text, word));
	assert_true(length < SAY_WORD && length % 4 == 2);
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
