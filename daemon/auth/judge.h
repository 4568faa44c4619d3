/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps 1 to 6 of a knock, whatever carried it: judged, claimed in memory, and handed on when the
 * claim is durable. Here is also what guards the claims against a clock that was stepped.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"
#include "rows.h"
#include "wall.h"

enum { JUDGE_PENDING = 4096 }; /* knocks whose claim is being written, at most */

/* A knock that passed steps 1 to 5. */
struct judge_case {
	uint64_t ticket; /* store's */
	uint32_t holder; /* index of its key */
	struct address source;
	struct request request;
	const char *via;
	bool bound;
};

/* keys and claims (parallel to keys->list) must outlive it. 0, or -1 without memory. */
int judge_start(const struct keys *keys, struct claims *claims, uint32_t window_s);

/* What the record says of itself, and whether the clock was stepped since it was last written. */
void judge_load(const struct rows_loaded *loaded, const struct now *now);

/* A knock that came from source. What becomes of it is told, or counted, or waits. Says whether its
 * tag holds. Not to be called without judge_room. */
bool judge_knock(const uint8_t knock[static KNOCK_SIZE], const struct address *source,
		 const char *via, const struct now *now);
/* Is there room for n more to wait? Where there is none, sightings wait where they are. */
bool judge_room(size_t n);

/* The last of those that wait for their claim; null: none waits. */
const struct judge_case *judge_newest(void);
/* The next knock whose claim is durable, in the order in which they came; false: none. */
bool judge_next(struct judge_case *judged, uint64_t done);
bool judge_waiting(void); /* some do */
/* Once a loop, or at once: what number the last grant got goes to the record. */
void judge_note_numbers(const struct now *now);
/* Nobody waits any more for what they need: refuses all that do, for this reason. */
void judge_abandon(enum accept_reason reason, const struct now *now);

void judge_refuse(const struct judge_case *judged, enum accept_reason reason,
		  const struct now *now);

/* Once a loop: the wall clock moved so far against the boot clock. */
void judge_clock(const struct now *now, int64_t moved_ms);
/* `clock reset`: what the clock says now is believed. The ticket of its becoming durable. */
uint64_t judge_clock_reset(const struct now *now);
bool judge_clock_behind(const struct now *now);
const struct record_clock *judge_record(void);

#endif
