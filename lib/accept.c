/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accept.h"

#include <string.h>

static const struct {
	const char *name;
	unsigned step;
	const char *text;
} reasons[] = {
#define ACCEPT_ROW(symbol, name, step, text) [ACCEPT_##symbol] = {name, step, text},
    ACCEPT_REASONS(ACCEPT_ROW)
#undef ACCEPT_ROW
};

const char *accept_name(enum accept_reason reason)
{
	return reasons[reason].name;
}

unsigned accept_step(enum accept_reason reason)
{
	return reasons[reason].step;
}

const char *accept_text(enum accept_reason reason)
{
	return reasons[reason].text;
}

static uint64_t greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

uint64_t accept_floor(const struct key *key, const struct accept_clock *clock)
{
	const struct record_clock *record = &clock->record;
	uint64_t floor = 0;

	/* What an older key has had accepted, an older record knew. */
	if (key->since_ms < record->made_ms)
		floor = greater(floor, record->old_floor_ms);
	if (clock->now_ms < record->newest_ms)
		floor = greater(floor, record->newest_ms);
	return floor;
}

static bool within_window(uint64_t time_ms, const struct accept_clock *clock)
{
	uint64_t now_ms = clock->now_ms;
	uint64_t apart = time_ms > now_ms ? time_ms - now_ms : now_ms - time_ms;

	return apart <= (uint64_t)clock->window_s * 1000;
}

void accept_judge(struct verdict *verdict, const struct keys *keys, struct crypto_block *mask,
		  const uint8_t knock[static KNOCK_SIZE], const struct address *source,
		  const struct accept_clock *clock,
		  const struct claims *(*claims_of)(void *context, const struct key *key),
		  void *context)
{
	struct request *request = &verdict->request;
	uint32_t id = knock_id(mask, knock);

	memset(verdict, 0, sizeof *verdict);
	verdict->reason = ACCEPT_UNKNOWN;
	verdict->key = id != 0 ? keys_find(keys, id) : NULL;
	if (verdict->key == NULL)
		return;

	int opened =
	    knock_open(request, &verdict->bound, keys->server, &verdict->key->who, knock, source);
	verdict->reason = opened == CRYPTO_FAILED ? ACCEPT_MEMORY : ACCEPT_FORGED;
	if (opened != 0)
		return;
	verdict->skew_ms = (int64_t)(request->time_ms - clock->now_ms);

	if (!knock_well_formed(request))
		verdict->reason = ACCEPT_MALFORMED;
	else if (!within_window(request->time_ms, clock))
		verdict->reason = ACCEPT_SKEW;
	else if (request->time_ms < accept_floor(verdict->key, clock))
		verdict->reason = ACCEPT_FLOOR;
	else if (!accept_time_new(claims_of(context, verdict->key), request->time_ms,
				  verdict->bound))
		verdict->reason = ACCEPT_REPLAY;
	else
		verdict->reason = ACCEPT_OK;
}

/* How many of the claims are greater than, or the same as, this time. */
static uint32_t claims_from(const struct claims *claims, uint64_t time_ms)
{
	uint32_t n = 0;

	while (n < claims->count && claims->times_ms[n] >= time_ms)
		n++;
	return n;
}

bool accept_time_new(const struct claims *claims, uint64_t time_ms, bool bound)
{
	uint32_t n = claims_from(claims, time_ms);

	if (n == 0)
		return true; /* greater than all */
	if (!bound || claims->times_ms[n - 1] == time_ms)
		return false;
	/* Below the least of a full window nothing is known any more. */
	return n < ACCEPT_WINDOW;
}

void accept_claim(struct claims *claims, uint64_t time_ms)
{
	uint32_t n = claims_from(claims, time_ms);

	if (n == ACCEPT_WINDOW || (n > 0 && claims->times_ms[n - 1] == time_ms))
		return;
	if (claims->count < ACCEPT_WINDOW)
		claims->count++;
	memmove(claims->times_ms + n + 1, claims->times_ms + n,
		(claims->count - n - 1) * sizeof claims->times_ms[0]);
	claims->times_ms[n] = time_ms;
}

static bool source_allowed(const struct key *key, const struct address *source)
{
	for (unsigned i = 0; i < key->n_from; i++)
		if (network_contains(&key->from[i], source))
			return true;
	return key->n_from == 0;
}

enum accept_reason accept_permit(const struct key *key, bool bound, const struct address *source,
				 uint64_t now_ms, bool blocked)
{
	if (keys_expired(key, now_ms))
		return ACCEPT_EXPIRED;
	if (!source_allowed(key, source))
		return ACCEPT_NETWORK;
	if (!bound && !key->nat)
		return ACCEPT_UNBOUND;
	return blocked ? ACCEPT_BLOCKED : ACCEPT_OK;
}

static bool trigger_allowed(const struct key *key, uint16_t number)
{
	for (unsigned i = 0; i < key->n_triggers; i++)
		if (key->triggers[i] == number)
			return true;
	return false;
}

static bool door_listed(const struct door *door, const struct accept_limits *limits)
{
	for (uint32_t i = 0; i < limits->n_doors; i++)
		if (door_equal(door, &limits->doors[i]))
			return true;
	return false;
}

static bool door_asked(const struct door *door, const struct request *request)
{
	if (request->proto == 0 && request->port == 0)
		return true;
	return door->proto == request->proto && door->port == request->port;
}

static uint32_t collect_doors(struct door doors[static KEYS_DOORS], const struct key *key,
			      const struct request *request, const struct accept_limits *limits)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < key->n_doors && n < KEYS_DOORS; i++)
		if (door_asked(&key->doors[i], request) && door_listed(&key->doors[i], limits))
			doors[n++] = key->doors[i];
	return n;
}

static uint32_t granted_seconds(const struct key *key, const struct request *request,
				const struct accept_limits *limits)
{
	uint32_t seconds = request->action == KNOCK_OPEN ? request->seconds : 0;
	uint32_t most = key->max_s != 0 ? lesser(key->max_s, limits->max_s) : limits->max_s;

	if (seconds == 0)
		seconds = key->for_s != 0 ? key->for_s : limits->default_s;
	seconds = lesser(seconds, most);
	return seconds != 0 ? seconds : 1;
}

enum accept_reason accept_policy(struct door doors[static KEYS_DOORS], uint32_t *n_doors,
				 uint32_t *seconds, const struct key *key,
				 const struct request *request, const struct accept_limits *limits)
{
	*n_doors = 0;
	*seconds = granted_seconds(key, request, limits);
	switch (request->action) {
	case KNOCK_OPEN:
	case KNOCK_CLOSE:
		*n_doors = collect_doors(doors, key, request, limits);
		return *n_doors > 0 ? ACCEPT_OK : ACCEPT_POLICY;
	case KNOCK_TRIGGER:
		return trigger_allowed(key, request->port) ? ACCEPT_OK : ACCEPT_POLICY;
	default:
		return ACCEPT_POLICY;
	}
}
