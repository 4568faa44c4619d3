/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admit.h"

#include "block.h"
#include "gate.h"
#include "grant.h"
#include "holder.h"
#include "login.h"
#include "noise.h"
#include "policy.h"
#include "store.h"

/* What a knock may do: to these doors, for so long. */
struct leave {
	struct door doors[KEYS_DOORS];
	uint32_t n_doors, seconds;
};

static bool is_held(const struct judge_case *judged, const struct door *door)
{
	const struct grant *grant = grant_first_of(judged->holder);

	while (grant != NULL &&
	       !(address_equal(&grant->address, &judged->source) && door_equal(&grant->door, door)))
		grant = grant_next_of(grant);
	return grant != NULL;
}

/* A door that the key holds open at this address already will be replaced, and needs no room. */
static enum accept_reason check_room(const struct judge_case *judged, const struct leave *leave)
{
	uint32_t living = 0, wanted = 0;

	for (const struct grant *g = grant_first_of(judged->holder); g; g = grant_next_of(g))
		living++;
	for (uint32_t i = 0; i < leave->n_doors; i++)
		wanted += !is_held(judged, &leave->doors[i]);
	return policy_room(holder_key(judged->holder), living, wanted) ? ACCEPT_OK : ACCEPT_LIMIT;
}

static enum accept_reason open_doors(const struct judge_case *judged, const struct leave *leave,
				     const struct now *now)
{
	enum accept_reason reason = check_room(judged, leave);
	struct grant wish = {
	    .knock = grant_last() + 1, .address = judged->source, .holder = judged->holder};

	for (uint32_t i = 0; i < leave->n_doors && reason == ACCEPT_OK; i++) {
		wish.door = leave->doors[i];
		reason = gate_open(&wish, leave->seconds, judged->via, now);
	}
	return reason;
}

static bool is_among(const struct door *door, const struct leave *leave)
{
	for (uint32_t i = 0; i < leave->n_doors; i++)
		if (door_equal(door, &leave->doors[i]))
			return true;
	return false;
}

/* This key's grants at this address, nobody else's. */
static void close_doors(const struct judge_case *judged, const struct leave *leave,
			const struct now *now)
{
	struct grant *next;

	for (struct grant *g = grant_first_of(judged->holder); g; g = next) {
		next = grant_next_of(g);
		if (address_equal(&g->address, &judged->source) && is_among(&g->door, leave))
			gate_close(g, TELL_CLOSE, now);
	}
	for (uint32_t i = 0; i < leave->n_doors; i++)
		if (login_close(&(struct login_target){.key = holder_key(judged->holder),
						       .address = &judged->source,
						       .door = &leave->doors[i]}) > 0)
			store_hurry();
}

static enum accept_reason act(const struct judge_case *judged, const struct now *now)
{
	const struct key *key = holder_key(judged->holder);
	struct leave leave;
	enum accept_reason reason =
	    policy_doors(leave.doors, &leave.n_doors, &leave.seconds, key, &judged->request);

	if (reason != ACCEPT_OK)
		return reason;
	switch (judged->request.action) {
	case KNOCK_OPEN:
		return open_doors(judged, &leave, now);
	case KNOCK_CLOSE:
		close_doors(judged, &leave, now);
		return ACCEPT_OK;
	default:
		return ACCEPT_POLICY; /* no trigger is configured */
	}
}

/* Too many at once for one door (a dozen of ssh at a time, say) are no refusal to tell: it is open. */
static bool is_needless(const struct judge_case *judged, enum accept_reason reason)
{
	return reason == ACCEPT_RATE && judged->request.action == KNOCK_OPEN &&
	       grant_is_at(judged->holder, &judged->source);
}

void admit_knock(const struct judge_case *judged, const struct now *now)
{
	const struct key *key = holder_key(judged->holder);
	enum accept_reason reason = accept_permit(key, judged->bound, &judged->source, now->wall_ms,
						  block_has(&judged->source, now));

	if (reason == ACCEPT_OK && !policy_rate(judged->holder, now->boot_ms))
		reason = ACCEPT_RATE;
	if (reason == ACCEPT_OK)
		reason = act(judged, now);
	if (reason == ACCEPT_OK)
		noise_counts.accepted++;
	else if (is_needless(judged, reason))
		noise_counts.late++;
	else
		judge_refuse(judged, reason, now);
}
