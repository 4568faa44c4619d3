/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What went wrong, in words for the person who can mend it: what, where, what to do.
 *
 * lib/ never logs and never exits. A function that can fail for a reason worth telling takes a
 * struct error, fills it and returns -1. No secret is ever written into one.
 */
#ifndef ERROR_H
#define ERROR_H

#include <stddef.h>

struct error {
	char text[320]; /* one line, no newline at its end, always terminated */
};

/* Writes the text (cut to fit) and returns -1, so that callers can "return error_set(...)".
 * A null error is fine: then only the -1 is of use. */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The control character with which a text begins, not the empty one, in UTF-8 or a byte alone, those that turn the
 * direction of writing as well: how many bytes it has. 0: it begins with none. */
size_t error_control(const char *text);
/* Whatever text it was: control characters become '?', each byte of them. */
void error_one_line(char *text);

#endif
