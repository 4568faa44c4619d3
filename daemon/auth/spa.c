/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spa.h"

#include <stdbool.h>

#include "judge.h"
#include "noise.h"

static const struct start *start;

void spa_start(const struct start *this)
{
	start = this;
}

static bool can_be_somebodys(const struct address *source)
{
	if (address_is_nobodys(source))
		return false;
	for (uint32_t i = 0; i < start->n_own; i++)
		if (address_equal(source, &start->own[i]))
			return false;
	return true;
}

void spa_sighting(const struct sighting *sighting, const struct now *now)
{
	if (sighting->kind == SIGHTING_SPA && can_be_somebodys(&sighting->source) &&
	    portset_contains(&start->config.spa, sighting->port))
		judge_knock(sighting->knock, &sighting->source, "spa", now);
	else
		noise_packet(&sighting->source, now);
}
