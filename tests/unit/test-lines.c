/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What counts in a file, and what does not.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../client/firewall/lines.h"

static void expect(const char *text, enum lines_kind kind, const char *stripped)
{
	char *copy = strdup(text);
	assert_non_null(copy);
	lines_strip(copy, kind);
	assert_string_equal(copy, stripped);
	free(copy);
}

static void test_strip(void **state)
{
	(void)state;
	expect("", LINES_NFT, "");
	expect("flush ruleset\n", LINES_NFT, "flush ruleset\n");
	expect("\tflush \t ruleset", LINES_NFT, "flush ruleset");
	expect("# flush ruleset\nlist", LINES_NFT, "\nlist");
	expect("table x # flush ruleset\n}", LINES_NFT, "table x \n}");
	expect("add rule a comment \"x # \\\" flush ruleset\nadd", LINES_NFT,
	       "add rule a comment flush ruleset\nadd");
	expect("log prefix \"flush\nruleset\" accept", LINES_NFT, "log prefix accept");
	expect("define a=#b", LINES_NFT, "define a=#b");
	expect("-A X --comment \"a \\\" --match-set b\" -j Y", LINES_IPTABLES,
	       "-A X --comment -j Y");
	expect("-A X --comment \"no end", LINES_IPTABLES, "-A X --comment \"no end");
	expect("sh -c \"posternd -f x\" # posternd\n", LINES_SCRIPT, "sh -c \"posternd -f x\" \n");
	expect("nft \\\n -f x", LINES_SCRIPT, "nft -f x");
}

/* A file of its own, by its descriptor. */
static void expect_have(const char *text, enum lines_kind kind, const char *words, bool have)
{
	char path[] = "/tmp/test-lines.XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	bool got = lines_have(path, kind, words);
	unlink(path);
	if (got != have)
		fail_msg("%s: %s", text, words);
}

static void test_have(void **state)
{
	(void)state;
	expect_have("After=posternd.service\n[Service]\nExecStart=/bin/true\n", LINES_UNIT,
		    "posternd", false);
	expect_have("[Service]\n#ExecStart=/usr/sbin/posternd\n", LINES_UNIT, "posternd", false);
	expect_have("[Service]\nExecStart=/bin/sh -c \\\n  posternd\n", LINES_UNIT, "posternd",
		    true);
	expect_have("#!/bin/sh\n  # posternd\n", LINES_SCRIPT, "posternd", false);
	expect_have("#!/bin/sh\nexec posternd\n", LINES_SCRIPT, "posternd", true);
	expect_have("flush\truleset\n", LINES_NFT, "flush ruleset", true);
	expect_have("flush\nruleset\n", LINES_NFT, "flush ruleset", false);
	assert_false(lines_have("/nonexistent/file", LINES_NFT, "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_strip),
	    cmocka_unit_test(test_have),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
