/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a key may: how often it may knock, how many grants it may have at once, and which doors the
 * configuration and its line let it open. The rule itself is accept_policy's; this keeps its numbers.
 */
#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"
#include "config.h"
#include "wall.h"

enum {
	POLICY_BURST = 10,       /* acceptances in advance, */
	POLICY_PERIOD_MS = 1000, /* and then one each */
	POLICY_GRANTS = 16 /* living, of one key; or as many as it has doors, if that is more */
};

/* config must outlive it. 0, or -1 without memory. */
int policy_start(const struct config *config, size_t n_keys);

/* Counts one acceptance of keys->list[holder]; false: too fast. */
bool policy_rate(uint32_t holder, uint64_t boot_ms);

/* What an earlier life has counted, as far as the key's claims tell: a reload is no new burst. */
void policy_rate_again(uint32_t holder, const struct claims *claims, const struct now *now);

/* May the key have wanted more, with so many living? */
bool policy_room(const struct key *key, uint32_t living, uint32_t wanted);

/* accept_policy with this server's limits. */
enum accept_reason policy_doors(struct door doors[static KEYS_DOORS], uint32_t *n_doors,
				uint32_t *seconds, const struct key *key,
				const struct request *request);

/* May this door ever be opened, by whomever? */
bool policy_listed(const struct door *door);
/* How long the administrator may open it: as wanted, or by default (0); 0: not for so long. */
uint32_t policy_span(uint32_t wanted_s);

/* How long a grant of this key can live from now on: as long as server and key allow, and never beyond
 * the key itself. */
uint64_t policy_longest_ms(const struct key *key, const struct now *now);

/* Would this key still let that address through this door? For what an earlier life has granted. */
bool policy_still(const struct key *key, const struct address *address, const struct door *door,
		  const struct now *now);

#endif
