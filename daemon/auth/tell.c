/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tell.h"

#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "hash.h"
#include "history.h"
#include "watch.h"

enum { SETS = 512, WAYS = 4, PERIOD_MS = 60000 };
enum { KEY_BURST = 5, KEY_PERIOD_MS = 10000 }; /* a key and reason */
enum { ALL_BURST = 100, ALL_PERIOD_MS = 200 }; /* all together */
enum { DENIED_BURST = 100, DENIED_PERIOD_MS = 2000 };

/* What is known of one key and reason. The last refusal stands for those that were held back. */
struct quota {
	struct log_limit limit;
	uint64_t used_ms; /* 0: empty */
	uint32_t id;
	enum accept_reason reason;
	char key[NAME_SIZE];
	char via[GRANT_VIA];
	struct address source;
};

static const char *const whys[] = {
#define TELL_NAME(symbol, name) name,
    TELL_WHYS(TELL_NAME)
#undef TELL_NAME
};

static struct hash_key secret;
static struct quota quotas[SETS][WAYS];
static struct log_limit all, denials;
static uint64_t forgotten;     /* held back for a key and reason that had to make room */
static uint64_t held_since_ms; /* the first that nobody has summed up; 0: none */

void tell_start(void)
{
	memset(quotas, 0, sizeof quotas);
	all = (struct log_limit){.burst = ALL_BURST, .period_ms = ALL_PERIOD_MS};
	denials = (struct log_limit){.burst = DENIED_BURST, .period_ms = DENIED_PERIOD_MS};
	forgotten = held_since_ms = 0;
	crypto_random(&secret, sizeof secret);
}

void tell_send(struct log_event *line)
{
	log_send(line);
	watch_put(line->line);
}

static uint32_t seconds_of(const struct grant *grant)
{
	return (uint32_t)((grant->until_ms - grant->since_ms) / 1000);
}

static void record(const char *event, const struct grant *grant, const char *reason,
		   const struct now *now)
{
	struct rows_event row = {.at_ms = now->wall_ms,
				 .grant = grant->number,
				 .address = grant->address,
				 .door = grant->door,
				 .id = grant->id};

	snprintf(row.event, sizeof row.event, "%s", event);
	snprintf(row.reason, sizeof row.reason, "%s", reason);
	snprintf(row.via, sizeof row.via, "%s", grant->via);
	snprintf(row.key, sizeof row.key, "%s", grant->key);
	if (strcmp(event, "opened") == 0)
		row.seconds = seconds_of(grant);
	history_put(&row);
}

void tell_opened(const struct grant *grant, const struct now *now)
{
	struct log_event line;

	log_event(&line, LOG_NOTICE, "opened");
	log_text(&line, "key", grant->key);
	log_id(&line, "id", grant->id);
	log_address(&line, "addr", &grant->address);
	log_door(&line, "door", &grant->door);
	log_span(&line, "for", seconds_of(grant));
	log_moment(&line, "until", grant->until_ms / 1000 * 1000);
	log_number(&line, "grant", (int64_t)grant->number);
	log_text(&line, "via", grant->via);
	tell_send(&line);
	record("opened", grant, "", now);
}

void tell_closed(const struct grant *grant, enum tell_why why, const struct now *now)
{
	struct log_event line;

	log_event(&line, LOG_NOTICE, "closed");
	log_number(&line, "grant", (int64_t)grant->number);
	log_text(&line, "key", grant->key);
	log_address(&line, "addr", &grant->address);
	log_door(&line, "door", &grant->door);
	log_text(&line, "why", whys[why]);
	tell_send(&line);
	record("closed", grant, whys[why], now);
}

/* The place of this key and reason; the one that was quiet for longest makes room. */
static struct quota *quota_of(const struct tell_refusal *refusal, uint64_t boot_ms)
{
	const uint32_t what[2] = {refusal->id, refusal->reason};
	struct quota *set = quotas[hash_of(&secret, what, sizeof what) % SETS], *oldest = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].used_ms != 0 && set[i].id == refusal->id &&
		    set[i].reason == refusal->reason)
			return &set[i];
		if (set[i].used_ms < oldest->used_ms)
			oldest = &set[i];
	}
	forgotten += oldest->limit.held;
	*oldest = (struct quota){.limit = {.burst = KEY_BURST, .period_ms = KEY_PERIOD_MS},
				 .used_ms = boot_ms + 1,
				 .id = refusal->id,
				 .reason = refusal->reason};
	return oldest;
}

static bool may_tell(struct quota *quota, uint64_t boot_ms)
{
	if (log_limit_pass(&quota->limit, boot_ms)) {
		if (log_limit_pass(&all, boot_ms))
			return true;
		quota->limit.held++;
	}
	if (held_since_ms == 0)
		held_since_ms = boot_ms + 1;
	return false;
}

static void begin_line(struct log_event *line, const struct quota *quota)
{
	log_event(line, LOG_WARNING, "refused");
	log_text(line, "key", quota->key);
	log_id(line, "id", quota->id);
	log_address(line, "addr", &quota->source);
}

static void end_line(struct log_event *line, struct quota *quota)
{
	if (quota->limit.held > 0)
		log_number(line, "held", (int64_t)quota->limit.held);
	quota->limit.held = 0;
	tell_send(line);
}

static void send_refusal(struct quota *quota, const struct tell_refusal *refusal)
{
	struct log_event line;

	begin_line(&line, quota);
	if (refusal->door.proto != 0)
		log_door(&line, "door", &refusal->door);
	log_text(&line, "via", quota->via);
	log_text(&line, "reason", accept_name(quota->reason));
	if (quota->reason == ACCEPT_SKEW)
		log_signed(&line, "skew", refusal->skew_ms / 1000);
	end_line(&line, quota);
}

static void record_refusal(const struct tell_refusal *refusal, const struct now *now)
{
	struct grant none = {.address = refusal->source, .door = refusal->door, .id = refusal->id};

	snprintf(none.key, sizeof none.key, "%s", refusal->key);
	snprintf(none.via, sizeof none.via, "%s", refusal->via);
	record("refused", &none, accept_name(refusal->reason), now);
}

void tell_refused(const struct tell_refusal *refusal, const struct now *now)
{
	struct quota *quota = quota_of(refusal, now->boot_ms);

	quota->used_ms = now->boot_ms + 1;
	quota->source = refusal->source;
	snprintf(quota->key, sizeof quota->key, "%s", refusal->key);
	snprintf(quota->via, sizeof quota->via, "%s", refusal->via);
	if (!may_tell(quota, now->boot_ms))
		return;
	send_refusal(quota, refusal);
	record_refusal(refusal, now);
}

static void record_denial(const struct tell_denial *denial, const struct now *now)
{
	struct rows_event row = {
	    .at_ms = now->wall_ms, .address = denial->address, .door = denial->door};

	snprintf(row.event, sizeof row.event, "denied");
	snprintf(row.via, sizeof row.via, "%s", denial->by);
	snprintf(row.reason, sizeof row.reason, "%s", login_name(denial->reason));
	snprintf(row.user, sizeof row.user, "%s", denial->user);
	snprintf(row.service, sizeof row.service, "%s", denial->service);
	history_put(&row);
}

/* Where a door is open to everybody, strangers cause these. */
void tell_denied(const struct tell_denial *denial, const struct now *now)
{
	struct log_event line;

	if (!log_limit_pass(&denials, now->boot_ms))
		return;
	log_event(&line, LOG_NOTICE, "denied");
	log_text(&line, "by", denial->by);
	log_address(&line, "addr", &denial->address);
	if (denial->user[0] != '\0')
		log_text(&line, "user", denial->user);
	log_text(&line, "reason", login_name(denial->reason));
	if (denial->service[0] != '\0')
		log_text(&line, "service", denial->service);
	if (denials.held > 0)
		log_number(&line, "held", (int64_t)denials.held);
	denials.held = 0;
	watch_put(line.line);
	record_denial(denial, now);
}

static void record_address(const char *event, const struct address *address, uint32_t seconds,
			   const struct now *now)
{
	struct rows_event row = {.at_ms = now->wall_ms, .address = *address, .seconds = seconds};

	snprintf(row.event, sizeof row.event, "%s", event);
	history_put(&row);
}

void tell_blocked(const struct address *address, uint32_t seconds, const struct now *now)
{
	struct log_event line;

	log_event(&line, LOG_NOTICE, "blocked");
	log_address(&line, "addr", address);
	if (seconds > 0) {
		log_span(&line, "for", seconds);
		log_moment(&line, "until", now->wall_ms / 1000 * 1000 + (uint64_t)seconds * 1000);
	}
	tell_send(&line);
	record_address("blocked", address, seconds, now);
}

void tell_unblocked(const struct address *address, const struct now *now)
{
	struct log_event line;

	log_event(&line, LOG_NOTICE, "unblocked");
	log_address(&line, "addr", address);
	tell_send(&line);
	record_address("unblocked", address, 0, now);
}

uint64_t tell_deadline(void)
{
	return held_since_ms == 0 ? UINT64_MAX : held_since_ms + PERIOD_MS;
}

/* One line for what was held back of one key and reason, unless that is too much again. It stands
 * for one of them itself, so that lines and held= add up to what there was. */
static void sum_up(struct quota *quota, uint64_t boot_ms)
{
	uint64_t held = quota->limit.held;
	struct log_event line;

	if (held == 0)
		return;
	bool may = may_tell(quota, boot_ms);
	quota->limit.held = may ? held - 1 : held;
	if (!may)
		return;
	begin_line(&line, quota);
	log_text(&line, "via", quota->via);
	log_text(&line, "reason", accept_name(quota->reason));
	end_line(&line, quota);
}

void tell_held(const struct now *now)
{
	struct log_event line;

	if (now->boot_ms < tell_deadline())
		return;
	held_since_ms = 0;
	for (int i = 0; i < SETS; i++)
		for (int j = 0; j < WAYS; j++)
			sum_up(&quotas[i][j], now->boot_ms);
	if (forgotten == 0)
		return;
	log_event(&line, LOG_WARNING, "refused");
	log_number(&line, "held", (int64_t)forgotten - 1);
	tell_send(&line);
	forgotten = 0;
}

void tell_attack(const char *what)
{
	struct log_event line;

	log_event(&line, LOG_ALERT, "attack");
	log_text(&line, "what", what);
	tell_send(&line);
}
