/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history.h"

#include <string.h>

#include "store.h"

static struct rows_event ring[ROWS_HISTORY];
static uint64_t next; /* so many there have been */

void history_start(const struct rows_loaded *loaded)
{
	next = loaded->n_history;
	if (next > 0)
		memcpy(ring, loaded->history, loaded->n_history * sizeof *ring);
}

void history_put(const struct rows_event *event)
{
	ring[next++ % ROWS_HISTORY] = *event;
	store_put_event(event);
}

const struct rows_event *history_next(uint64_t *place, uint64_t since_ms)
{
	if (next > ROWS_HISTORY && *place < next - ROWS_HISTORY)
		*place = next - ROWS_HISTORY;
	while (*place < next) {
		const struct rows_event *event = &ring[(*place)++ % ROWS_HISTORY];
		if (event->at_ms >= since_ms)
			return event;
	}
	return NULL;
}

size_t history_count(void)
{
	return next < ROWS_HISTORY ? (size_t)next : ROWS_HISTORY;
}
