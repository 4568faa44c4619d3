/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of the daemon, "field=value field=value", taken apart. What a field is called is the daemon's
 * business; one that we do not know is of a later version.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include <stddef.h>

enum { FIELDS_MOST = 128, FIELDS_TEXT = 8192 };

struct fields {
	struct {
		const char *name, *value; /* decoded */
	} list[FIELDS_MOST];
	size_t count, used;
	char text[FIELDS_TEXT];
};

void fields_clear(struct fields *fields);
/* Adds those of one line. 0, or -1: it is no such line, or too much. */
int fields_add(struct fields *fields, const char *line);
/* Null: there is none. */
const char *fields_value(const struct fields *fields, const char *name);

#endif
