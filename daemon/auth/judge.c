/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#include "grant.h"
#include "log.h"
#include "noise.h"
#include "recent.h"
#include "store.h"
#include "tell.h"
#include "when.h"

static const struct keys *keys;
static struct claims *claims;
static struct crypto_block *mask;
static struct accept_clock accept_at;
static bool told_behind;
static uint64_t noted_number; /* as the record has it */

/* A ring. */
static struct judge_case pending[JUDGE_PENDING];
static size_t first, count;

int judge_start(const struct keys *these, struct claims *of_these, uint32_t window_s)
{
	keys = these;
	claims = of_these;
	accept_at = (struct accept_clock){.window_s = window_s};
	first = count = 0;
	told_behind = false;
	recent_start(window_s);
	crypto_block_free(mask);
	mask = knock_mask(keys->server);
	return mask == NULL ? -1 : 0;
}

/* No grant has a greater number, nor can one of the knocks that wait get any: after a crash no
 * number is used twice. */
static uint64_t last_number(void)
{
	return grant_last() + count * KEYS_DOORS;
}

static void put_about(const struct now *now)
{
	const struct rows_about about = {
	    .clock = accept_at.record,
	    .last_grant = last_number(),
	    .wall_less_boot_ms = (int64_t)now->wall_ms - (int64_t)now->boot_ms,
	};

	store_put_about(&about);
	noted_number = about.last_grant;
}

void judge_note_numbers(const struct now *now)
{
	if (last_number() != noted_number)
		put_about(now);
}

static uint64_t window_ms(void)
{
	return (uint64_t)accept_at.window_s * 1000;
}

static void raise_old_floor(uint64_t floor_ms)
{
	if (accept_at.record.old_floor_ms < floor_ms)
		accept_at.record.old_floor_ms = floor_ms;
}

void judge_clock(const struct now *now, int64_t moved_ms)
{
	accept_at.now_ms = now->wall_ms;
	if (moved_ms > (int64_t)window_ms() / 2) {
		log_warn(
		    "the clock was set forward by %lld s: keys older than the record may knock "
		    "again in %u s",
		    (long long)(moved_ms / 1000), accept_at.window_s);
		raise_old_floor(now->wall_ms + window_ms());
		put_about(now);
		store_hurry();
	}
	if (!judge_clock_behind(now)) {
		told_behind = false;
	} else if (!told_behind && accept_at.record.newest_ms - now->wall_ms >= 1000) {
		char moment[WHEN_MOMENT_TEXT];
		when_moment_print(moment, accept_at.record.newest_ms);
		tell_attack("clock-behind");
		log_error(
		    "the clock stands behind the record: no knock from before %s is accepted. "
		    "Set the clock; if it is right, and was wrong before: posternctl clock reset",
		    moment);
		told_behind = true;
	}
}

void judge_load(const struct rows_loaded *loaded, const struct now *now)
{
	const struct rows_about *about = &loaded->about;
	int64_t moved_ms = (int64_t)now->wall_ms - (int64_t)now->boot_ms - about->wall_less_boot_ms;

	accept_at.record = about->clock;
	/* Once and for all: a window that is made smaller later changes nothing for knocks that the
	 * greater one let in. */
	raise_old_floor(about->clock.made_ms + window_ms());
	judge_clock(now, loaded->same_boot ? moved_ms : 0);
	put_about(now);
	store_hurry();
}

bool judge_clock_behind(const struct now *now)
{
	return now->wall_ms < accept_at.record.newest_ms;
}

const struct record_clock *judge_record(void)
{
	return &accept_at.record;
}

/* For older keys it is as if the record was made now, unless it could vouch for more. */
uint64_t judge_clock_reset(const struct now *now)
{
	struct record_clock *record = &accept_at.record;

	record->newest_ms = now->wall_ms;
	if (record->made_ms > now->wall_ms)
		record->made_ms = now->wall_ms;
	if (record->old_floor_ms > now->wall_ms + window_ms())
		record->old_floor_ms = now->wall_ms + window_ms();
	told_behind = false;
	put_about(now);
	return store_hurry();
}

static const struct claims *claims_of(void *context, const struct key *key)
{
	(void)context;
	return &claims[key - keys->list];
}

static void refuse(const struct verdict *verdict, enum accept_reason reason,
		   const struct address *source, const char *via, const struct now *now)
{
	const struct tell_refusal refusal = {.reason = reason,
					     .id = verdict->key->who.id,
					     .key = verdict->key->name,
					     .via = via,
					     .source = *source,
					     .skew_ms = verdict->skew_ms};

	noise_counts.refused[reason]++;
	tell_refused(&refusal, now);
}

/* Claimed already: is that the network's doing, a straggler, or somebody's? */
static void judge_used(const struct verdict *verdict, const uint8_t knock[static KNOCK_SIZE],
		       const struct address *source, const char *via, const struct now *now)
{
	if (recent_has(knock, source, now->boot_ms))
		noise_counts.duplicate++;
	else if (grant_is_at((uint32_t)(verdict->key - keys->list), source))
		noise_counts.late++;
	else
		refuse(verdict, ACCEPT_REPLAY, source, via, now);
}

static void claim(const struct verdict *verdict, const uint8_t knock[static KNOCK_SIZE],
		  const struct address *source, const char *via, const struct now *now)
{
	uint32_t holder = (uint32_t)(verdict->key - keys->list);
	struct judge_case *judged = &pending[(first + count++) % JUDGE_PENDING];

	accept_claim(&claims[holder], verdict->request.time_ms);
	if (accept_at.record.newest_ms < now->wall_ms)
		accept_at.record.newest_ms = now->wall_ms;
	recent_add(knock, source, now->boot_ms);
	put_about(now);
	*judged = (struct judge_case){
	    .ticket = store_put_claim(verdict->key->who.id, &claims[holder]),
	    .holder = holder,
	    .source = *source,
	    .request = verdict->request,
	    .via = via,
	    .bound = verdict->bound,
	};
}

bool judge_room(size_t n)
{
	return count + n <= JUDGE_PENDING;
}

bool judge_waiting(void)
{
	return count > 0;
}

bool judge_knock(const uint8_t knock[static KNOCK_SIZE], const struct address *source,
		 const char *via, const struct now *now)
{
	struct verdict verdict;

	if (!judge_room(1))
		log_bug("a knock more than was room for");
	accept_judge(&verdict, keys, mask, knock, source, &accept_at, claims_of, NULL);
	switch (verdict.reason) {
	case ACCEPT_UNKNOWN:
		noise_packet(source, now);
		return false;
	case ACCEPT_OK:
		claim(&verdict, knock, source, via, now);
		return true;
	case ACCEPT_REPLAY:
		judge_used(&verdict, knock, source, via, now);
		return true;
	default:
		refuse(&verdict, verdict.reason, source, via, now);
		return verdict.reason != ACCEPT_FORGED && verdict.reason != ACCEPT_MEMORY;
	}
}

const struct judge_case *judge_newest(void)
{
	return count == 0 ? NULL : &pending[(first + count - 1) % JUDGE_PENDING];
}

bool judge_next(struct judge_case *judged, uint64_t done)
{
	if (count == 0 || pending[first].ticket > done)
		return false;
	*judged = pending[first];
	first = (first + 1) % JUDGE_PENDING;
	count--;
	return true;
}

void judge_refuse(const struct judge_case *judged, enum accept_reason reason, const struct now *now)
{
	const struct verdict verdict = {.key = &keys->list[judged->holder]};

	refuse(&verdict, reason, &judged->source, judged->via, now);
}

void judge_abandon(enum accept_reason reason, const struct now *now)
{
	struct judge_case judged;

	while (judge_next(&judged, UINT64_MAX))
		judge_refuse(&judged, reason, now);
}
