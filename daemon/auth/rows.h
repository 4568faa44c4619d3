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

enum { ROWS_HISTORY = 100000 }; /* kept; the oldest go */

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

/* One logged event: opened, closed or refused. What it has not is zero or empty. */
enum { ROWS_WORD = 12 };
struct rows_event {
	uint64_t at_ms, grant;
	struct address address;
	struct door door;
	uint32_t id;
	char event[ROWS_WORD], via[ROWS_WORD], reason[ROWS_WORD];
	char key[TOKEN_NAME];
};

/* One commit. The arrays are the batch's own and grow as needed. */
struct rows_batch {
	struct rows_claim *claims;
	struct grant *opened;
	uint64_t *ended; /* numbers; after opened */
	struct rows_event *events;
	size_t n_claims, n_opened, n_ended, n_events;
	size_t room_claims, room_opened, room_ended, room_events;
	struct rows_about about;
	bool has_about;
};

/* What the start reads. */
struct rows_loaded {
	bool made;      /* there was no record: this one is new */
	bool corrupt;   /* there was one that could not be used; it is PATH.corrupt now */
	bool same_boot; /* about.wall_less_boot_ms is of this boot */
	struct rows_about about;
	struct grant *grants; /* of this boot, by number; the caller frees */
	size_t n_grants;
};

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
/* Now and then there is something to do that nobody should wait for: after a write. */
void rows_settle(struct rows *rows);
void rows_close(struct rows *rows);

#endif
