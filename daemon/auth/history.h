/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history: the latest events, in memory as in the record, so that who asks for them waits for no
 * disk and holds up nobody who does. A ring of fixed size; the oldest go.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include "rows.h"

/* What earlier lives have told. */
void history_start(const struct rows_loaded *loaded);

/* Also puts it on record, with the next batch. */
void history_put(const struct rows_event *event);

/* The first event at *place or later that is not from before since_ms, and *place behind it; null:
 * there is none. Places ascend from 0. */
const struct rows_event *history_next(uint64_t *place, uint64_t since_ms);
size_t history_count(void);

#endif
