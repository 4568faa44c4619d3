/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static char lines[WATCH_LINES][ASK_LINE + 1]; /* each with its end */
static uint64_t next;                         /* so many there have been */

void watch_start(void)
{
	next = 0;
}

void watch_put(const char *line)
{
	char *slot = lines[next++ % WATCH_LINES];

	snprintf(slot, ASK_LINE, "%s", line);
	strcat(slot, "\n");
}

uint64_t watch_place(void)
{
	return next;
}

bool watch_has(uint64_t place)
{
	return place < next;
}

size_t watch_take(uint64_t *place, char *text, size_t size)
{
	uint64_t oldest = next > WATCH_LINES ? next - WATCH_LINES : 0;
	size_t used = 0;

	if (*place < oldest) {
		used = (size_t)snprintf(text, size, "event=missed lines=%" PRIu64 "\n",
					oldest - *place);
		*place = oldest;
	}
	for (; *place < next; (*place)++) {
		const char *line = lines[*place % WATCH_LINES];
		size_t length = strlen(line);
		if (length > size - used)
			break;
		memcpy(text + used, line, length);
		used += length;
	}
	return used;
}
