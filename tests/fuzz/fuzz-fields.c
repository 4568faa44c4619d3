/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What posternctl takes apart: lines of "field=value field=value", several one after the other.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fields fields;
	static char text[4096];

	if (size >= sizeof text)
		size = sizeof text - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	fields_clear(&fields);
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (fields_add(&fields, line) != 0)
			break;
	assert(fields.count <= FIELDS_MOST);
	for (size_t i = 0; i < fields.count; i++) {
		assert(strchr(fields.list[i].name, '=') == NULL);
		assert(fields_value(&fields, fields.list[i].name) != NULL);
		assert(strlen(fields.list[i].value) < sizeof fields.text);
	}
	assert(fields_value(&fields, "no such field") == NULL);
	return 0;
}
