/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "when.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "number.h"

enum { SECOND = 1000, DAY_S = 86400, FIRST_YEAR = 1970, LAST_YEAR = 9999 };

static const struct {
	char name;
	uint32_t seconds;
} units[] = {{'d', DAY_S}, {'h', 3600}, {'m', 60}, {'s', 1}};

enum { N_UNITS = sizeof units / sizeof units[0] };

/* The seconds in a unit; bare counts as seconds; 0: no unit of ours. */
static uint32_t unit_seconds(const char *text)
{
	if (text[0] == '\0')
		return 1;
	for (size_t i = 0; i < N_UNITS; i++)
		if (units[i].name == text[0] && text[1] == '\0')
			return units[i].seconds;
	return 0;
}

int when_span_parse(uint32_t *seconds, const char *text, struct error *error)
{
	const char *at = text;
	uint32_t number;

	if (number_take(&number, &at, UINT32_MAX) < 0 || unit_seconds(at) == 0)
		return error_set(error, "\"%.40s\" is no span of time; write 90s, 10m, 1h or 2d",
				 text);
	uint64_t product = (uint64_t)number * unit_seconds(at);
	if (product > UINT32_MAX)
		return error_set(error, "\"%.40s\" is too long; a span is at most 49710d", text);
	*seconds = (uint32_t)product;
	return 0;
}

void when_span_print(char text[static WHEN_SPAN_TEXT], uint32_t seconds)
{
	size_t i = 0;

	if (seconds == 0)
		i = N_UNITS - 1;
	while (seconds % units[i].seconds != 0)
		i++;
	snprintf(text, WHEN_SPAN_TEXT, "%" PRIu32 "%c", seconds / units[i].seconds, units[i].name);
}

static bool is_leap(uint32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint32_t days_in(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from the first of 1970 to the first of this year: each fourth year is a leap year, each
 * hundredth is not, each four-hundredth is. */
static uint32_t days_before_year(uint32_t year)
{
	uint32_t y = year - 1, first = FIRST_YEAR - 1;
	uint32_t leaps = (y / 4 - y / 100 + y / 400) - (first / 4 - first / 100 + first / 400);

	return (year - FIRST_YEAR) * 365 + leaps;
}

struct civil {
	uint32_t year, month, day, hour, minute, second, ms;
};

/* Exactly width digits, as dates are written. */
static bool take_digits(const char **text, uint32_t *number, unsigned width)
{
	const char *at = *text;
	uint32_t value = 0;

	for (unsigned i = 0; i < width; i++, at++) {
		if (*at < '0' || *at > '9')
			return false;
		value = value * 10 + (uint32_t)(*at - '0');
	}
	*number = value;
	*text = at;
	return true;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* One to three decimals: ".5" is 500 ms. */
static bool take_decimals(const char **text, uint32_t *ms)
{
	uint32_t scale = 100, digit;
	const char *start = *text;

	*ms = 0;
	for (; scale > 0 && take_digits(text, &digit, 1); scale /= 10)
		*ms += digit * scale;
	return *text != start;
}

static bool take_date(const char **text, struct civil *civil)
{
	return take_digits(text, &civil->year, 4) && take_char(text, '-') &&
	       take_digits(text, &civil->month, 2) && take_char(text, '-') &&
	       take_digits(text, &civil->day, 2);
}

static bool take_time(const char **text, struct civil *civil)
{
	if (!take_char(text, 'T') || !take_digits(text, &civil->hour, 2) || !take_char(text, ':') ||
	    !take_digits(text, &civil->minute, 2) || !take_char(text, ':') ||
	    !take_digits(text, &civil->second, 2))
		return false;
	if (take_char(text, '.') && !take_decimals(text, &civil->ms))
		return false;
	return take_char(text, 'Z');
}

static bool exists(const struct civil *civil)
{
	return civil->year >= FIRST_YEAR && civil->month >= 1 && civil->month <= 12 &&
	       civil->day >= 1 && civil->day <= days_in(civil->year, civil->month) &&
	       civil->hour < 24 && civil->minute < 60 && civil->second < 60;
}

int when_moment_parse(uint64_t *ms, const char *text, struct error *error)
{
	struct civil civil = {0};
	const char *at = text;

	if (!take_date(&at, &civil) || (*at != '\0' && !take_time(&at, &civil)) || *at != '\0')
		return error_set(error,
				 "\"%.40s\" is no moment; write 2027-01-01 or "
				 "2027-01-01T10:00:00Z (UTC)",
				 text);
	if (!exists(&civil))
		return error_set(error, "\"%.40s\" is no date and time from 1970 to 9999", text);
	uint64_t days = days_before_year(civil.year) + civil.day - 1;
	for (uint32_t month = 1; month < civil.month; month++)
		days += days_in(civil.year, month);
	uint64_t seconds = civil.hour * 3600 + civil.minute * 60 + civil.second;
	*ms = (days * DAY_S + seconds) * SECOND + civil.ms;
	return 0;
}

static void split_days(struct civil *civil, uint32_t days)
{
	civil->year = FIRST_YEAR + days / 366; /* at most some years too early */
	while (civil->year < LAST_YEAR && days_before_year(civil->year + 1) <= days)
		civil->year++;
	days -= days_before_year(civil->year);
	civil->month = 1;
	while (days >= days_in(civil->year, civil->month))
		days -= days_in(civil->year, civil->month++);
	civil->day = days + 1;
}

void when_moment_print(char text[static WHEN_MOMENT_TEXT], uint64_t ms)
{
	const uint64_t end = (uint64_t)days_before_year(LAST_YEAR + 1) * DAY_S * SECOND;
	struct civil c = {0};
	char decimals[5] = "";

	if (ms >= end)
		ms = end - 1; /* later cannot be written */
	split_days(&c, (uint32_t)(ms / SECOND / DAY_S));
	uint32_t second = (uint32_t)(ms / SECOND % DAY_S);
	c.ms = (uint32_t)(ms % SECOND);
	if (c.ms != 0)
		snprintf(decimals, sizeof decimals, ".%03u", c.ms % SECOND);
	snprintf(text, WHEN_MOMENT_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u%sZ", c.year % 10000,
		 c.month % 100, c.day % 100, second / 3600 % 24, second / 60 % 60, second % 60,
		 decimals);
}
