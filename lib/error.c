/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* A control character in UTF-8, of two bytes (C1) or three (the ends of lines and paragraphs, the direction of what
 * follows): how many bytes it has; 0: it is none. */
static size_t control_of(const unsigned char *c)
{
	if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
		return 2;
	bool direction = c[0] == 0xe2 && ((c[1] == 0x80 && c[2] >= 0xa8 && c[2] <= 0xae) ||
					  (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9));
	return direction ? 3 : 0;
}

/* How many bytes follow this one, in the same character; -1: none begins with it. */
static int more_of(unsigned char c)
{
	if (c < 0x80)
		return 0;
	return c < 0xc2 || c > 0xf4 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
}

void error_one_line(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c != '\0';) {
		int more = more_of(*c);
		for (int i = 1; i <= more; i++)
			more = (c[i] & 0xc0) == 0x80 ? more : -1;
		size_t control = more > 0 ? control_of(c) : 0;
		/* Alone, a byte of these is a control character to a terminal without UTF-8. */
		if (*c < 0x20 || *c == 0x7f || (more < 0 && *c >= 0x80 && *c <= 0x9f))
			control = 1;
		memset(c, '?', control);
		c += more > 0 ? more + 1 : 1;
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
