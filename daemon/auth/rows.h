/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record's rows: SQL and nothing else. What is read once at the start, and what one commit
 * writes. Used by store's writer thread alone, after the start.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"
#include "error.h"
#include "grant.h"
#include "keys.h"

enum {
	ROWS_HISTORY = 32768, /* kept; the oldest go */
	ROWS_OVER = 16384,    /* grants that are over, whose logins may still count; likewise */
	ROWS_BLOCKS = 4096
};

/* What the record knows of itself. */
struct rows_about {
	struct record_clock clock;
	uint64_t last_grant;       /* no grant had a greater number */
	int64_t wall_less_boot_ms; /* the two clocks' difference, to see a step between two lives */
};

struct rows_claim {
	uint32_t id;
	struct claims claims;
};

/* One event as the log had it. What it has not is zero or empty; what is too long is cut. */
enum { ROWS_WORD = 12, ROWS_USER = 33 };
struct rows_event {
	uint64_t at_ms, grant;
	struct address address;
	struct door door;
	uint32_t id, seconds;
	char event[ROWS_WORD], via[ROWS_WORD], reason[ROWS_WORD], service[ROWS_WORD];
	char key[NAME_SIZE], user[ROWS_USER];
};

/* What becomes of a grant that is on record. */
enum rows_turn_what {
	ROWS_TURN_ENDED, /* forget it */
	ROWS_TURN_OVER,  /* its time is, but its login may still count */
	ROWS_TURN_USED   /* its login was consumed */
};
struct rows_turn {
	uint64_t number;
	enum rows_turn_what what;
};

/* An address that is blocked, until a moment of the wall clock, or for good: 0. */
struct rows_block {
	struct address address;
	uint64_t until_ms;
	bool lifted; /* no longer */
};

/* One commit. The arrays are the batch's own and grow as needed. */
struct rows_batch {
	struct rows_claim *claims;
	struct grant *opened;
	struct rows_turn *turns; /* after opened, and in this order */
	struct rows_event *events;
	struct rows_block *blocks;
	size_t n_claims, n_opened, n_turns, n_events, n_blocks;
	size_t room_claims, room_opened, room_turns, room_events, room_blocks;
	struct rows_about about;
	bool has_about;
};

/* What the start reads. */
struct rows_loaded {
	bool made;      /* there was no record: this one is new */
	bool corrupt;   /* there was one that could not be used; it is PATH.corrupt now */
	bool same_boot; /* about.wall_less_boot_ms is of this boot */
	struct rows_about about;
	struct grant *grants; /* of this boot, by number; state is GRANT_OVER for those that are */
	struct rows_event *history; /* the oldest first */
	struct rows_block *blocks;
	size_t n_grants, n_history, n_blocks;
};
void rows_forget(struct rows_loaded *loaded); /* frees the arrays */

/* Where claims are put: claims[i] is of keys->list[i]. */
struct rows_claims {
	const struct keys *keys;
	struct claims *claims;
};

/* Opens and locks the record at path; makes one where there is none, or none that can be used.
 * Null: neither; the error says why. */
struct rows *rows_open(const char *path, const char *boot_id, uint64_t now_ms,
		       const struct rows_claims *into, struct rows_loaded *loaded,
		       struct error *error);
/* All of the batch, durable, or -1. Also -1 where the file at the path is another one by now. */
int rows_write(struct rows *rows, const struct rows_batch *batch, struct error *error);
/* Something may be to be written within moments: changes nothing. */
void rows_warm(struct rows *rows);
/* Now and then there is something to do that nobody should wait for: after a write. */
void rows_settle(struct rows *rows);
void rows_close(struct rows *rows);

#endif
