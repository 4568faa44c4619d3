/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two clocks: grants end by the one that nobody can set (CLOCK_BOOTTIME), while knocks, and the kernel's
 * `time` match, go by the wall clock. What lies between them, and when it changes.
 */
#ifndef CLOCKS_H
#define CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

uint64_t clocks_boot_ms(void);
uint64_t clocks_wall_ms(void);

/* Wall clock less CLOCK_BOOTTIME, as of now; a hair too small rather than too great. */
int64_t clocks_offset_ms(void);

/* A descriptor that becomes readable when the wall clock is set, or the machine was asleep; or -1
 * with errno. */
int clocks_watch(void);
/* Call when it is readable: was the clock set? Watches on. */
bool clocks_stepped(int watch);

#endif
