/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two clocks: wall, which knocks carry and people read, and boot (CLOCK_BOOTTIME), which no step
 * moves and by which grants end. And whether the wall clock was stepped, since that can bring old
 * knocks back into the window.
 */
#ifndef WALL_H
#define WALL_H

#include <stdint.h>

struct now {
	uint64_t wall_ms; /* since 1970 */
	uint64_t boot_ms; /* since the machine started, sleep included */
};

/* Before lockdown. A descriptor that becomes readable when somebody sets the clock; -1 with errno. */
int wall_start(void);

/* Reads both, once a loop. Returns by how much the wall clock was moved against the other since the
 * last look: 0 at the first. */
int64_t wall_look(struct now *now);

#endif
