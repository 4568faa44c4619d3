/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record, written by one thread, so that nobody waits for the disk: what must be durable is put
 * into a batch, a batch is one commit and so one fsync, and while one is written the next gathers.
 * Each put gives a ticket; what waits for it goes on when store_done has reached the ticket.
 *
 * A commit that fails is the end: nothing is taken back, the caller ends the process.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "rows.h"

/* Makes the thread; before lockdown, which forbids that. A descriptor that becomes readable when a
 * batch is done; -1 with errno. */
int store_start(void);

/* Opens and reads the record, on the thread; waits for it. 0 or -1. */
int store_load(const char *path, const char *boot_id, uint64_t now_ms,
	       const struct rows_claims *into, struct rows_loaded *loaded, struct error *error);

/* For this, somebody waits: the next flush hands it over. */
uint64_t store_put_claim(uint32_t id, const struct claims *claims);
/* For these, nobody does: they go with the next batch, or alone a moment later. */
void store_put_about(const struct rows_about *about);
void store_put_opened(const struct grant *grant);
void store_put_turn(uint64_t number, enum rows_turn_what what);
void store_put_block(const struct rows_block *block);
void store_put_event(const struct rows_event *event);
/* Makes somebody wait for all that has been put. */
uint64_t store_hurry(void);

/* Hands the batch over if the thread is idle and somebody waits, or it has waited long enough. */
void store_flush(uint64_t boot_ms);
/* Something urgent may be put within moments; often enough it will not. */
void store_warm(uint64_t boot_ms);
uint64_t store_deadline(void); /* when store_flush is due; UINT64_MAX: not by time */

/* The last ticket that is durable; call when the descriptor is readable. 0, or -1: the commit
 * failed. */
int store_done(uint64_t *ticket, struct error *error);
uint64_t store_commits(void); /* since the start */

/* Writes what is left, closes the record, ends the thread; where there is none, nothing. */
void store_end(void);

#endif
