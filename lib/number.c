/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "number.h"

#include <stdbool.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int number_take(uint32_t *number, const char **text, uint32_t max)
{
	const char *at = *text;
	uint64_t value = 0;

	if (!is_digit(*at) || (at[0] == '0' && is_digit(at[1])))
		return -1;
	for (; is_digit(*at); at++) {
		value = value * 10 + (uint64_t)(*at - '0');
		if (value > max)
			return -1;
	}
	*number = (uint32_t)value;
	*text = at;
	return 0;
}

int number_parse(uint32_t *number, const char *text, uint32_t max)
{
	uint32_t value;

	if (number_take(&value, &text, max) < 0 || *text != '\0')
		return -1;
	*number = value;
	return 0;
}
