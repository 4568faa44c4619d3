/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "portset.h"
#include "unit.h"

static struct portset set_of(const char *text)
{
	struct portset set;
	struct error error = {""};

	if (portset_parse(&set, text, &error) < 0)
		fail_msg("\"%s\": %s", text, error.text);
	return set;
}

static void parses_and_prints(void **state)
{
	static const struct {
		const char *in, *out;
		uint32_t count;
	} cases[] = {{"", "", 0},
		     {"22", "22", 1},
		     {"1-65535", "1-65535", 65535},
		     {"53,443,20480-32767", "53,443,20480-32767", 12290},
		     {"443,53", "53,443", 2},
		     {"20,21,22", "20-22", 3},
		     {"22,20,21", "20-22", 3},
		     {"5-9,1-4,10", "1-10", 10},
		     {"7-7", "7", 1},
		     {"65535,1", "1,65535", 2}};
	char text[PORTSET_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct portset set = set_of(cases[i].in);
		assert_int_equal(set.count, cases[i].count);
		portset_print(text, &set);
		assert_string_equal(text, cases[i].out);
		struct portset again = set_of(text);
		assert_memory_equal(&set, &again, sizeof set);
	}
}

static void refuses_and_says_why(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {{"0", "\"0\" is no port"},
		     {"65536", "\"65536\" is no port"},
		     {"1,", "is no port"},
		     {",1", "is no port"},
		     {"1,,2", "is no port"},
		     {" 1", "is no port"},
		     {"1 ", "is no port"},
		     {"1, 2", "is no port"},
		     {"1-", "is no port"},
		     {"-1", "is no port"},
		     {"1-2-3", "is no port"},
		     {"022", "is no port"},
		     {"ssh", "\"ssh\" is no port"},
		     {"9-1", "write 1-9"},
		     {"1,1", "port 1 is named twice"},
		     {"1-10,10-20", "port 10 is named twice"},
		     {"5,1-10", "port 5 is named twice"}};
	struct portset kept = set_of("53,443"), set = kept;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error error = {""};
		assert_int_equal(portset_parse(&set, cases[i].text, &error), -1);
		assert_memory_equal(&set, &kept, sizeof kept);
		if (strstr(error.text, cases[i].why) == NULL)
			fail_msg("\"%s\": %s", cases[i].text, error.text);
	}
}

/* n ports, none next to another, written from the highest down. */
static void every_other_port(char *text, uint32_t n)
{
	*text = '\0';
	for (uint32_t i = n; i > 0; i--)
		text += sprintf(text, "%u%s", 60000 + 2 * i, i > 1 ? "," : "");
}

static void ranges_are_bounded(void **state)
{
	char text[64 * 8], printed[PORTSET_TEXT];
	struct portset set;
	struct error error;

	(void)state;
	every_other_port(text, PORTSET_RANGES);
	set = set_of(text);
	assert_int_equal(set.n_ranges, PORTSET_RANGES);
	every_other_port(text, PORTSET_RANGES + 1);
	assert_int_equal(portset_parse(&set, text, &error), -1);
	assert_non_null(strstr(error.text, "more than 32 ranges"));
	strcat(text, ",60003"); /* joins two of them */
	set = set_of(text);
	assert_int_equal(set.n_ranges, PORTSET_RANGES);

	*text = '\0';
	for (uint32_t i = 0; i < PORTSET_RANGES; i++) /* the longest text there is */
		sprintf(text + strlen(text), "%s%u-%u", i > 0 ? "," : "", 10000 + 10 * i,
			10001 + 10 * i);
	set = set_of(text);
	portset_print(printed, &set);
	assert_string_equal(printed, text);
}

/* A small generator with a fixed start: the same sets at every run. */
static uint32_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 32);
}

/* Up to 32 ranges, in ascending order, apart from each other. */
static void random_set(struct portset *set, uint64_t *seed)
{
	uint32_t n = 1 + next_random(seed) % PORTSET_RANGES, at = 0;
	char text[PORTSET_TEXT] = "";

	for (uint32_t i = 0; i < n; i++) {
		uint32_t first = at + 2 + next_random(seed) % 1000;
		uint32_t last = first + next_random(seed) % 1000;
		sprintf(text + strlen(text), "%s%u-%u", i > 0 ? "," : "", first, last);
		at = last;
	}
	*set = set_of(text);
	assert_int_equal(set->n_ranges, n);
}

static void check_rank_and_nth(const struct portset *set)
{
	int32_t expected = 0;

	assert_int_equal(portset_rank(set, 0), -1);
	for (uint32_t port = 1; port <= 65535; port++) {
		int32_t rank = portset_rank(set, (uint16_t)port);
		assert_int_equal(portset_contains(set, (uint16_t)port), rank >= 0);
		if (rank < 0)
			continue;
		assert_int_equal(rank, expected++); /* ascending, without a gap */
		assert_int_equal(portset_nth(set, (uint32_t)rank), port);
	}
	assert_int_equal((uint32_t)expected, set->count);
}

static void rank_and_nth_are_inverse(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15;
	struct portset set = set_of("1-65535");

	(void)state;
	check_rank_and_nth(&set);
	for (int i = 0; i < 50; i++) {
		random_set(&set, &seed);
		check_rank_and_nth(&set);
		assert_int_equal(portset_nth(&set, set.count), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parses_and_prints),
	    cmocka_unit_test(refuses_and_says_why),
	    cmocka_unit_test(ranges_are_bounded),
	    cmocka_unit_test(rank_and_nth_are_inverse),
	};

	return cmocka_run_group_tests_name("portset", tests, NULL, NULL);
}
