/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last time that each key has knocked with, so that no two knocks share one: a file a key in
 * the state folder, under a lock. Named by the key's id, not by the enrolment: the same key may be
 * enrolled here under two names, or be used by -t beside its enrolment.
 */
#ifndef LASTTIME_H
#define LASTTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* How far ahead of the clock the last time may be. Many knocks at once run ahead by milliseconds;
 * minutes mean that a clock was wrong. */
enum { LASTTIME_AHEAD_S = 60 };

enum lasttime_result {
	LASTTIME_OK = 0,
	LASTTIME_AHEAD =
	    -1,            /* the clock is, or was, wrong: the error has the remedy; don't knock */
	LASTTIME_LOST = -2 /* could not be kept: tell it, and knock with the time given */
};

/* Takes count times in a row, from *first_ms on: now, or one past the last if that is later. Writes
 * that down unless told to only look. */
enum lasttime_result lasttime_take(uint64_t *first_ms, uint32_t id, uint64_t now_ms, unsigned count,
				   bool look_only, struct error *error);

/* Forgets a key that is removed. */
void lasttime_forget(uint32_t id);

#endif
