/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "error.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

void error_one_line(char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 0x20 || c == 0x7f)
			*text = '?';
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
