/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit.h"
#include "when.h"

static void spans(void **state)
{
	static const struct {
		const char *in, *out;
		uint32_t seconds;
	} cases[] = {{"90s", "90s", 90},
		     {"90", "90s", 90},
		     {"600", "10m", 600},
		     {"10m", "10m", 600},
		     {"60m", "1h", 3600},
		     {"1h", "1h", 3600},
		     {"24h", "1d", 86400},
		     {"2d", "2d", 172800},
		     {"0", "0s", 0},
		     {"0d", "0s", 0},
		     {"25h", "25h", 90000},
		     {"61m", "61m", 3660},
		     {"49710d", "49710d", 4294944000u},
		     {"4294967295", "4294967295s", UINT32_MAX}};
	char text[WHEN_SPAN_TEXT];
	uint32_t seconds;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(when_span_parse(&seconds, cases[i].in, NULL), 0);
		assert_int_equal(seconds, cases[i].seconds);
		when_span_print(text, seconds);
		assert_string_equal(text, cases[i].out);
		assert_int_equal(when_span_parse(&seconds, text, NULL), 0);
		assert_int_equal(seconds, cases[i].seconds);
	}
}

static void spans_refused(void **state)
{
	static const char *const bad[] = {
	    "",     "s",  "-1",    "+1",  "1 s", " 1s",        "1s ",    "1S",       "1ms",
	    "1.5h", "1w", "1h30m", "01s", "0x1", "4294967296", "49711d", "1193047h", "71582789m"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct error error = {""};
		uint32_t seconds = 7;
		assert_int_equal(when_span_parse(&seconds, bad[i], &error), -1);
		assert_int_equal(seconds, 7);
		assert_true(strstr(error.text, "write 90s") != NULL ||
			    strstr(error.text, "at most 49710d") != NULL);
	}
}

static void moments(void **state)
{
	static const struct {
		const char *in, *out;
		uint64_t ms;
	} cases[] = {{"1970-01-01", "1970-01-01T00:00:00Z", 0},
		     {"1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.001Z", 1},
		     {"2000-02-29", "2000-02-29T00:00:00Z", 951782400000},
		     {"2000-03-01", "2000-03-01T00:00:00Z", 951868800000},
		     {"2001-09-09T01:46:40Z", "2001-09-09T01:46:40Z", 1000000000000},
		     {"2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500Z", 1709251199500},
		     {"2027-01-01T10:00:00.12Z", "2027-01-01T10:00:00.120Z", 1798797600120},
		     {"2038-01-19T03:14:08Z", "2038-01-19T03:14:08Z", 2147483648000},
		     {"2100-03-01", "2100-03-01T00:00:00Z", 4107542400000},
		     {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", 253402300799999}};
	char text[WHEN_MOMENT_TEXT];
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(when_moment_parse(&ms, cases[i].in, NULL), 0);
		assert_int_equal(ms, cases[i].ms);
		when_moment_print(text, ms);
		assert_string_equal(text, cases[i].out);
	}
}

static void moments_refused(void **state)
{
	static const char *const bad[] = {
	    "",
	    "2027",
	    "2027-1-1",
	    "2027-01-01 ",
	    " 2027-01-01",
	    "2027-00-01",
	    "2027-13-01",
	    "2027-01-00",
	    "2027-01-32",
	    "2027-04-31",
	    "2023-02-29",
	    "2100-02-29",
	    "1969-12-31",
	    "10000-01-01",
	    "2027-01-01T",
	    "2027-01-01T10",
	    "2027-01-01T10:00Z",
	    "2027-01-01T10:00:00",
	    "2027-01-01T10:00:00+01:00",
	    "2027-01-01t10:00:00z",
	    "2027-01-01 10:00:00Z",
	    "2027-01-01T24:00:00Z",
	    "2027-01-01T23:60:00Z",
	    "2016-12-31T23:59:60Z",
	    "2027-01-01T10:00:00.Z",
	    "2027-01-01T10:00:00.1234Z",
	    "2027-01-01T10:00:00ZZ",
	    "+027-01-01",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct error error = {""};
		uint64_t ms = 7;
		assert_int_equal(when_moment_parse(&ms, bad[i], &error), -1);
		assert_int_equal(ms, 7);
		assert_non_null(strstr(error.text, "is no "));
	}
}

/* Every day of all the years, held against the C library's calendar. */
static void agrees_with_the_calendar(void **state)
{
	char text[WHEN_MOMENT_TEXT], expected[WHEN_MOMENT_TEXT];
	const time_t day = 86400, end = 253402300800;

	(void)state;
	for (time_t at = 0; at < end; at += day) {
		struct tm tm;
		uint64_t ms;
		time_t odd = at + at / 97 % day; /* some time of that day */
		gmtime_r(&odd, &tm);
		strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &tm);
		when_moment_print(text, (uint64_t)odd * 1000);
		if (strcmp(text, expected) != 0)
			fail_msg("%s is not %s", text, expected);
		if (when_moment_parse(&ms, text, NULL) < 0 || ms != (uint64_t)odd * 1000)
			fail_msg("%s does not parse back", text);
	}
}

static void time_zone_is_no_matter(void **state)
{
	uint64_t ms;

	(void)state;
	setenv("TZ", "Pacific/Chatham", 1);
	tzset();
	assert_int_equal(when_moment_parse(&ms, "2027-01-01T10:00:00Z", NULL), 0);
	assert_int_equal(ms, 1798797600000);
}

static void too_late_prints_as_the_last(void **state)
{
	char text[WHEN_MOMENT_TEXT];

	(void)state;
	when_moment_print(text, 253402300800000);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	when_moment_print(text, UINT64_MAX);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spans),
	    cmocka_unit_test(spans_refused),
	    cmocka_unit_test(moments),
	    cmocka_unit_test(moments_refused),
	    cmocka_unit_test(agrees_with_the_calendar),
	    cmocka_unit_test(time_zone_is_no_matter),
	    cmocka_unit_test(too_late_prints_as_the_last),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
