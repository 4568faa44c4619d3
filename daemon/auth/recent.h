/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Knocks that were claimed lately, to tell the network's second copy of a packet, which is harmless,
 * from a replay, which is not. A table of fixed size; what it has forgotten is told as a replay.
 */
#ifndef RECENT_H
#define RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "knock.h"

void recent_start(uint32_t window_s);
void recent_add(const uint8_t knock[static KNOCK_SIZE], const struct address *source,
		uint64_t boot_ms);
/* Were these very bytes claimed for this address within the window? */
bool recent_has(const uint8_t knock[static KNOCK_SIZE], const struct address *source,
		uint64_t boot_ms);

#endif
