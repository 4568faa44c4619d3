/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came, in numbers: for `status`, and for the one line a minute that junk is worth, whatever
 * its rate. How many sources it came from is estimated in a fixed bitmap (linear counting).
 */
#ifndef NOISE_H
#define NOISE_H

#include <stdint.h>

#include "accept.h"
#include "address.h"
#include "login.h"
#include "wall.h"

/* Since the start. */
struct noise_counts {
	uint64_t accepted, duplicate, late;     /* knocks of known keys */
	uint64_t refused[ACCEPT_REASONS_COUNT]; /* likewise */
	uint64_t logins[LOGIN_REASONS_COUNT];   /* what pam_postern and its like were told */
	uint64_t noise;                         /* packets that were none */
	uint64_t lost;                          /* times that the kernel dropped some */
};
extern struct noise_counts noise_counts;

void noise_start(void);

/* A packet that is no knock of anybody known. */
void noise_packet(const struct address *source, const struct now *now);
/* What capture counted itself. */
void noise_more(uint64_t packets, uint32_t lost, const struct now *now);

/* When noise_tell has something to tell, by the boot clock; UINT64_MAX: nothing came. */
uint64_t noise_deadline(void);
void noise_tell(const struct now *now);

#endif
