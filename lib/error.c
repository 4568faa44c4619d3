/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* How many bytes follow this one in the same character of UTF-8; -1: none begins here. */
static int more_of(const unsigned char *c)
{
	int more = *c < 0x80 ? 0 : *c < 0xc2 || *c > 0xf4 ? -1 : *c < 0xe0 ? 1 : *c < 0xf0 ? 2 : 3;

	for (int i = 1; i <= more; i++)
		if ((c[i] & 0xc0) != 0x80)
			return -1;
	return more;
}

size_t error_control(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	switch (more_of(c)) {
	case -1: /* alone, a byte of these is one to a terminal without UTF-8 */
		return *c >= 0x80 && *c <= 0x9f ? 1 : 0;
	case 0:
		return *c < 0x20 || *c == 0x7f ? 1 : 0;
	case 1: /* C1 */
		return c[0] == 0xc2 && c[1] <= 0x9f ? 2 : 0;
	case 2: /* the ends of lines and paragraphs, the direction of what follows */
		return c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
					(c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9))
			   ? 3
			   : 0;
	default:
		return 0;
	}
}

void error_one_line(char *text)
{
	while (*text != '\0') {
		size_t control = error_control(text);
		int more = more_of((const unsigned char *)text);
		memset(text, '?', control);
		text += more > 0 ? more + 1 : 1;
	}
}

int error_set(struct error *error, const char *format, ...)
{
	if (error == NULL)
		return -1;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	error_one_line(error->text); /* it may hold what a file or a stranger said */
	return -1;
}
