/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "carrier.h"

#include "judge.h"
#include "noise.h"

static const struct start *start;
static struct gather *gather; /* null: no sequence is taken */

int carrier_start(const struct start *this)
{
	const struct config *config = &this->config;

	start = this;
	if (config->sequence.count == 0)
		return 0;
	gather = gather_new(&config->sequence, config->gather_window_s, config->gather_sources);
	return gather == NULL ? -1 : 0;
}

const struct gather_counts *carrier_counts(void)
{
	return gather == NULL ? NULL : gather_counts(gather);
}

bool carrier_can_come_from(const struct address *source)
{
	if (address_is_nobodys(source))
		return false;
	for (uint32_t i = 0; i < start->n_own; i++)
		if (address_equal(source, &start->own[i]))
			return false;
	return true;
}

/* One port of a sequence. Most that come are nobody's: they count as noise, and the last one that
 * makes a knock does not. */
static void touch(const struct sighting *sighting, const struct now *now)
{
	uint8_t candidates[GATHER_CANDIDATES][KNOCK_SIZE];
	unsigned count =
	    gather_touch(gather, &sighting->source, sighting->port, now->boot_ms, candidates);

	for (unsigned i = 0; i < count; i++)
		if (judge_knock(candidates[i], &sighting->source, "sequence", now)) {
			gather_done(gather, &sighting->source, candidates[i], now->boot_ms);
			return;
		}
	if (count == 0)
		noise_packet(&sighting->source, now);
}

void carrier_sighting(const struct sighting *sighting, const struct now *now)
{
	const struct config *config = &start->config;

	if (!carrier_can_come_from(&sighting->source))
		noise_packet(&sighting->source, now);
	else if (sighting->kind == SIGHTING_SPA && portset_contains(&config->spa, sighting->port))
		judge_knock(sighting->knock, &sighting->source, "spa", now);
	else if (sighting->kind == SIGHTING_TOUCH && gather != NULL)
		touch(sighting, now);
	else
		noise_packet(&sighting->source, now);
}
