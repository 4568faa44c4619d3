/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fields.h"

#include <stdlib.h>
#include <string.h>

#include "encoding.h"

void fields_clear(struct fields *fields)
{
	fields->count = fields->used = 0;
}

int fields_add(struct fields *fields, const char *line)
{
	size_t length = strlen(line);
	if (length >= sizeof fields->text - fields->used)
		return -1;
	char *at, *rest = memcpy(fields->text + fields->used, line, length + 1);
	fields->used += length + 1;
	while ((at = strsep(&rest, " ")) != NULL) {
		char *value = strchr(at, '=');
		if (value == NULL || fields->count == FIELDS_MOST)
			return -1;
		*value++ = '\0';
		if (encoding_percent_decode(value) != 0)
			return -1;
		fields->list[fields->count].name = at;
		fields->list[fields->count++].value = value;
	}
	return 0;
}

const char *fields_value(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (strcmp(fields->list[i].name, name) == 0)
			return fields->list[i].value;
	return NULL;
}
