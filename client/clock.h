/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time, and waiting. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

uint64_t clock_now_ms(void);   /* since 1970; 0 where the clock stands before */
int64_t clock_steady_ms(void); /* never steps; above 0 */
void clock_pause(uint32_t ms);

#endif
