/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "unit.h"

static struct pattern *must(const char *text)
{
	struct error error = {""};
	struct pattern *pattern = pattern_new(text, &error);

	if (pattern == NULL)
		fail_msg("%s: %s", text, error.text);
	return pattern;
}

static enum pattern_result match(struct pattern *pattern, const char *line,
				 enum packet_reason *reason, struct sighting *sighting)
{
	return pattern_match(pattern, sighting, reason, line, strlen(line));
}

static void takes_what_is_named(void **state)
{
	struct pattern *pattern =
	    must("^(?<proto>\\w+) (?<src>\\S+) -> (?<dst>\\S+):(?<dport>\\d+)$");
	enum packet_reason reason;
	struct sighting sighting;
	struct address source;

	(void)state;
	assert_int_equal(match(pattern, "udp 192.0.2.7 -> 198.51.100.1:20480", &reason, &sighting),
			 PATTERN_YES);
	assert_int_equal(reason, PACKET_OK);
	assert_int_equal(sighting.proto, 17);
	assert_int_equal(sighting.port, 20480);
	assert_int_equal(sighting.kind, SIGHTING_TOUCH);
	address_parse(&source, "192.0.2.7");
	assert_true(address_equal(&sighting.source, &source));
	assert_int_equal(match(pattern, "6 2001:db8::7 -> 2001:db8::1:1000", &reason, &sighting),
			 PATTERN_YES);
	assert_int_equal(sighting.proto, 6);
	assert_int_equal(match(pattern, "udp 192.0.2.7 198.51.100.1:1", &reason, &sighting),
			 PATTERN_NO);
	pattern_free(pattern);
}

static void two_groups_are_enough(void **state)
{
	struct pattern *pattern = must("from (?<src>[0-9.]+) port (?<dport>[0-9]+)");
	enum packet_reason reason;
	struct sighting sighting;

	(void)state;
	assert_int_equal(match(pattern, "drop from 192.0.2.7 port 1000 !", &reason, &sighting),
			 PATTERN_YES);
	assert_int_equal(reason, PACKET_OK);
	assert_int_equal(sighting.port, 1000);
	pattern_free(pattern);
}

static void values_are_not_believed(void **state)
{
	static const struct {
		const char *line;
		enum packet_reason reason;
	} cases[] = {
	    {"udp 127.0.0.1 198.51.100.1 1", PACKET_SOURCE},
	    {"udp ::ffff:192.0.2.7 2001:db8::1 1", PACKET_SOURCE},
	    {"udp nobody 198.51.100.1 1", PACKET_SOURCE},
	    {"icmp 192.0.2.7 198.51.100.1 1", PACKET_PROTOCOL},
	    {"udp 192.0.2.7 elsewhere 1", PACKET_HEADER},
	    {"udp 192.0.2.7 2001:db8::1 1", PACKET_HEADER},
	    {"udp 192.0.2.7 198.51.100.1 0", PACKET_PORT},
	    {"udp 192.0.2.7 198.51.100.1 65536", PACKET_PORT},
	    {"udp 192.0.2.7 198.51.100.1 0x10", PACKET_PORT},
	};
	static const struct sighting none;
	struct pattern *pattern = must("(?<proto>\\S+) (?<src>\\S+) (?<dst>\\S+) (?<dport>\\S+)$");
	enum packet_reason reason;
	struct sighting sighting;
	char line[300];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(match(pattern, cases[i].line, &reason, &sighting), PATTERN_YES);
		assert_string_equal(packet_name(reason), packet_name(cases[i].reason));
		assert_memory_equal(&sighting, &none, sizeof none);
	}
	/* Longer than any of them can be. */
	snprintf(line, sizeof line, "udp %0100d 198.51.100.1 1", 1);
	assert_int_equal(match(pattern, line, &reason, &sighting), PATTERN_YES);
	assert_int_equal(reason, PACKET_HEADER);
	pattern_free(pattern);
}

static void a_group_that_took_no_part(void **state)
{
	struct pattern *pattern = must("^(?:a (?<src>\\S+)|b) (?<dport>\\d+)$");
	enum packet_reason reason;
	struct sighting sighting;

	(void)state;
	assert_int_equal(match(pattern, "b 1000", &reason, &sighting), PATTERN_YES);
	assert_int_equal(reason, PACKET_HEADER);
	pattern_free(pattern);
}

static void what_is_no_pattern(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
	    {"(?<src>\\S+ (?<dport>\\d+)", "at character 25: missing closing parenthesis"},
	    {"(?<src>.) [", "missing terminating ] for character class"},
	    {"(?<dport>\\d+)",
	     "the group src is missing; write it as (?<src>...), src and dport at "
	     "least, proto and dst if you can"},
	    {"(?<src>.+)", "the group dport is missing"},
	    {"(?<src>.)(?<src>.)(?<dport>.)", "two named subpatterns have the same name"},
	};
	struct error error;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_null(pattern_new(cases[i].text, &error));
		if (strstr(error.text, cases[i].error) == NULL)
			fail_msg("%s: %s", cases[i].text, error.text);
	}
	pattern_free(NULL);
}

/* Which would take longer than the sun shines. */
static void work_is_bounded(void **state)
{
	static const char *const patterns[] = {
	    "^(?:a+)+(?<src>b)(?<dport>c)",
	    "^(?:a|aa)+(?<src>b)(?<dport>c)",
	    "^(a(?1)?a?)+(?<src>b)(?<dport>c)",
	};
	enum packet_reason reason;
	struct sighting sighting;
	char line[2000];

	(void)state;
	memset(line, 'a', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	for (size_t i = 0; i < COUNT(patterns); i++) {
		struct pattern *pattern = must(patterns[i]);
		/* A match beside what cannot match: so that no look for a "b" ends it at once. */
		memcpy(line + sizeof line - 4, "xbc", 3);
		assert_int_equal(match(pattern, line, &reason, &sighting), PATTERN_TIRED);
		/* And the next line is as good as ever. */
		assert_int_equal(match(pattern, "x", &reason, &sighting), PATTERN_NO);
		pattern_free(pattern);
	}
}

/* At each place where a match could begin there is little to do, but there are two thousand. */
static void work_is_bounded_a_line(void **state)
{
	static const struct {
		const char *pattern, *piece, *end;
	} cases[] = {
	    {"src=(?<src>[0-9.]+).*dport=(?<dport>\\d+)", "src=1 ", " dport="},
	    {"(?<src>\\S+) .*-> \\S+:(?<dport>\\d+)", "a ", ":1"},
	    {"(?<src>\\S+):\\d+ -> (?<dst>\\S+):(?<dport>\\d+)", "1:", " -> "},
	    {"(?<src>\\S+)\\S+x(?<dport>\\d+)", "a", " x1"},
	    {"(?<src>[0-9.]+).*?(?<dport>[0-9]+)/tcp", "1 ", "/tcp"},
	};
	enum packet_reason reason;
	struct sighting sighting;
	char line[2048];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pattern *pattern = must(cases[i].pattern);
		size_t size = 0;
		while (size < 2000)
			size +=
			    (size_t)snprintf(line + size, sizeof line - size, "%s", cases[i].piece);
		snprintf(line + size, sizeof line - size, "%s", cases[i].end);
		if (match(pattern, line, &reason, &sighting) != PATTERN_TIRED)
			fail_msg("%s", cases[i].pattern);
		pattern_free(pattern);
	}
}

/* Lines as they are, of some length, with a pattern that begins anywhere. */
static void usual_lines_are_no_work(void **state)
{
	struct pattern *pattern = must("src=(?<src>\\S+) .*dport=(?<dport>\\d+)");
	enum packet_reason reason;
	struct sighting sighting;
	char line[600];

	(void)state;
	snprintf(line, sizeof line,
		 "time=12:00:01 host=gate action=drop src=192.0.2.7 %0400d dport=1000", 0);
	assert_int_equal(match(pattern, line, &reason, &sighting), PATTERN_YES);
	assert_int_equal(sighting.port, 1000);
	snprintf(line, sizeof line,
		 "time=12:00:01 host=gate action=drop src=192.0.2.7 %0400d dport=none", 0);
	assert_int_equal(match(pattern, line, &reason, &sighting), PATTERN_NO);
	pattern_free(pattern);
}

/* A line of so many a's and a tail, by a pattern that it would match, or not, in the end. */
static void tires(const char *text, size_t n, const char *tail)
{
	struct pattern *pattern = must(text);
	enum packet_reason reason;
	struct sighting sighting;
	char line[2000];

	memset(line, 'a', n);
	snprintf(line + n, sizeof line - n, "%s", tail);
	assert_int_equal(match(pattern, line, &reason, &sighting), PATTERN_TIRED);
	pattern_free(pattern);
}

/* Each is too much for one of our limits, and far from the library's own. */
static void each_limit_is_ours(void **state)
{
	char groups[700] = "^(?:a|b)*";

	(void)state;
	tires("^(?:a+)+(?<src>b)(?<dport>c)", 17, "xbc");  /* steps: twice as many for each a */
	tires("^(?:a|b)*(?<src>x)(?<dport>y)", 400, "xy"); /* depth: more for each a */
	for (int i = 0; i < 100; i++)
		strcat(groups, "(c?)");
	strcat(groups, "(?<src>x)(?<dport>y)");
	tires(groups, 120, "xy"); /* memory: for each a, and each group */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes_what_is_named),     cmocka_unit_test(two_groups_are_enough),
	    cmocka_unit_test(values_are_not_believed), cmocka_unit_test(a_group_that_took_no_part),
	    cmocka_unit_test(what_is_no_pattern),      cmocka_unit_test(work_is_bounded),
	    cmocka_unit_test(work_is_bounded_a_line),  cmocka_unit_test(usual_lines_are_no_work),
	    cmocka_unit_test(each_limit_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
