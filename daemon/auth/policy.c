/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy.h"

#include <stdlib.h>

static struct accept_limits limits;
static uint64_t *full_at_ms; /* a key's: when its burst is whole again */

int policy_start(const struct config *config, size_t n_keys)
{
	limits = (struct accept_limits){
	    .doors = config->doors,
	    .n_doors = config->n_doors,
	    .default_s = config->grant_default_s,
	    .max_s = config->grant_max_s,
	};
	free(full_at_ms);
	full_at_ms = calloc(n_keys > 0 ? n_keys : 1, sizeof *full_at_ms);
	return full_at_ms == NULL ? -1 : 0;
}

bool policy_rate(uint32_t holder, uint64_t boot_ms)
{
	uint64_t full = full_at_ms[holder] > boot_ms ? full_at_ms[holder] : boot_ms;

	if (full - boot_ms > (POLICY_BURST - 1) * POLICY_PERIOD_MS)
		return false;
	full_at_ms[holder] = full + POLICY_PERIOD_MS;
	return true;
}

void policy_rate_again(uint32_t holder, const struct claims *claims, const struct now *now)
{
	for (uint32_t i = claims->count; i-- > 0;) { /* the oldest stands last */
		uint64_t at_ms = claims->times_ms[i];
		uint64_t ago_ms = at_ms < now->wall_ms ? now->wall_ms - at_ms : 0;

		if (ago_ms < now->boot_ms && ago_ms < POLICY_BURST * POLICY_PERIOD_MS)
			policy_rate(holder, now->boot_ms - ago_ms);
	}
}

bool policy_room(const struct key *key, uint32_t living, uint32_t wanted)
{
	uint32_t most = key->n_doors > POLICY_GRANTS ? key->n_doors : POLICY_GRANTS;

	return living + wanted <= most;
}

enum accept_reason policy_doors(struct door doors[static KEYS_DOORS], uint32_t *n_doors,
				uint32_t *seconds, const struct key *key,
				const struct request *request)
{
	return accept_policy(doors, n_doors, seconds, key, request, &limits);
}

bool policy_listed(const struct door *door)
{
	for (uint32_t i = 0; i < limits.n_doors; i++)
		if (door_equal(door, &limits.doors[i]))
			return true;
	return false;
}

uint32_t policy_span(uint32_t wanted_s)
{
	if (wanted_s == 0)
		return limits.default_s;
	return wanted_s <= limits.max_s ? wanted_s : 0;
}

uint64_t policy_longest_ms(const struct key *key, const struct now *now)
{
	uint32_t most_s = limits.max_s;
	uint64_t left_ms = UINT64_MAX;

	if (key->max_s != 0 && key->max_s < most_s)
		most_s = key->max_s;
	if (key->expires_ms != 0)
		left_ms = key->expires_ms > now->wall_ms ? key->expires_ms - now->wall_ms : 0;
	return left_ms < (uint64_t)most_s * 1000 ? left_ms : (uint64_t)most_s * 1000;
}

bool policy_still(const struct key *key, const struct address *address, const struct door *door,
		  const struct now *now)
{
	const struct request request = {
	    .action = KNOCK_OPEN, .proto = door->proto, .port = door->port};
	struct door doors[KEYS_DOORS];
	uint32_t n_doors, seconds;

	/* Whether its knock was bound is not remembered. */
	return accept_permit(key, true, address, now->wall_ms, false) == ACCEPT_OK &&
	       policy_doors(doors, &n_doors, &seconds, key, &request) == ACCEPT_OK;
}
