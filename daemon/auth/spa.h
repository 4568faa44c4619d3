/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The single packet: a sighting whose payload begins with the knock. Capture is not believed: what it
 * may not send on is not taken here either.
 */
#ifndef SPA_H
#define SPA_H

#include "msg.h"
#include "wall.h"

/* start must outlive it. */
void spa_start(const struct start *start);
void spa_sighting(const struct sighting *sighting, const struct now *now);

#endif
