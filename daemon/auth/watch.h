/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For whoever watches: the latest event lines, as the log has them. One ring for all watchers, each
 * of whom has a place in it; so a thousand lines cost the same however many read them, nobody waits
 * for a slow one, and he is told how many he has missed.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask.h"

enum { WATCH_LINES = 256 };

void watch_start(void);

/* A line without its end, shorter than ASK_LINE. */
void watch_put(const char *line);

/* The place of the next line that will come. */
uint64_t watch_place(void);
/* Is there something after this place? */
bool watch_has(uint64_t place);
/* As many whole lines from there on as fit into size (ASK_LINE at least), and moves the place. Returns
 * the bytes. */
size_t watch_take(uint64_t *place, char *text, size_t size);

#endif
