/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What carries a knock: a single packet whose payload begins with it, or a sequence of ports that is
 * gathered until it makes one. Capture is not believed: what it may not send on is not taken here
 * either.
 */
#ifndef CARRIER_H
#define CARRIER_H

#include <stdbool.h>

#include "gather.h"
#include "msg.h"
#include "wall.h"

/* start must outlive it. Before lockdown: takes the memory for gathering. 0, or -1 without it. */
int carrier_start(const struct start *start);
/* Could a packet, and so a knock, come from this address? Not where it is nobody's, or our own. */
bool carrier_can_come_from(const struct address *source);
/* Of the sequences that are gathered; null: none are taken. */
const struct gather_counts *carrier_counts(void);
void carrier_sighting(const struct sighting *sighting, const struct now *now);

#endif
