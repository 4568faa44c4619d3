/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the control socket tells of how things stand: numbers, and lists of which a page holds a part.
 * A list has a cursor, which begins as zeros; true: that was the end of it.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "keys.h"
#include "msg.h"
#include "page.h"
#include "wall.h"

/* One line of a list, with room for the longest. */
enum { REPORT_LINE = 512 };

struct report_cursor {
	uint64_t place;         /* grants: the last number; history: its place */
	struct address address; /* blocks: the last */
	bool begun;
};

void report_start(const struct keys *keys, const struct start *start, const struct now *now);
/* A reload was refused meanwhile. */
void report_refused(const struct refused *refused);

void report_status(struct page *page, const struct now *now);
bool report_grants(struct page *page, struct report_cursor *cursor, const struct now *now);
bool report_history(struct page *page, struct report_cursor *cursor, uint64_t since_ms);
bool report_blocks(struct page *page, struct report_cursor *cursor, const struct now *now);

#endif
