/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gathering a port sequence: the symbols that arrive from one address, until they make a knock.
 * A table of fixed size with a keyed hash; where it is full, the address that was quiet for longest
 * makes room. Tries to decode come out of one budget for all: a budget a source would let a
 * forger use up somebody else's.
 */
#ifndef GATHER_H
#define GATHER_H

#include <stdint.h>

#include "address.h"
#include "knock.h"
#include "portset.h"

enum { GATHER_CANDIDATES = 4 };

struct gather;

struct gather_counts {
	uint64_t symbols; /* taken in */
	uint64_t evicted; /* addresses that had to make room before their time */
	uint64_t tries;   /* decodings */
	uint64_t unpaid;  /* tries left out, the budget being used up */
};

/* For sequences over this set (sequence_positions not 0), gathered over window_s seconds from up
 * to sources addresses. All memory is taken here. Null without it, or where the set gives no
 * sequence. The caller frees. */
struct gather *gather_new(const struct portset *set, uint32_t window_s, uint32_t sources);
void gather_free(struct gather *gather);

/* A packet from source to port, at now_ms of a monotonic clock. Returns how many candidates it
 * completes: 32 bytes that may be a knock, or may be nothing. The same one is not given twice in
 * succession. */
unsigned gather_touch(struct gather *gather, const struct address *source, uint16_t port,
		      uint64_t now_ms, uint8_t candidates[static GATHER_CANDIDATES][KNOCK_SIZE]);

/* The tag of this candidate holds, whatever became of it: what was gathered is dropped, and what
 * is yet to come of this very knock from this source completes nothing. */
void gather_done(struct gather *gather, const struct address *source,
		 const uint8_t knock[static KNOCK_SIZE], uint64_t now_ms);

const struct gather_counts *gather_counts(const struct gather *gather);

#endif
