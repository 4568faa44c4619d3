/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "login.h"
#include "noise.h"
#include "orders.h"
#include "policy.h"
#include "store.h"

static const struct keys *keys;

void gate_start(const struct keys *these)
{
	keys = these;
}

static bool same_door(const struct grant *a, const struct grant *b)
{
	return address_equal(&a->address, &b->address) && door_equal(&a->door, &b->door);
}

/* The later end holds, and the logins of the earlier knock are not lost. */
static void inherit(struct grant *heir)
{
	for (const struct grant *g = grant_first_of(heir->holder); g; g = grant_next_of(g)) {
		if (!same_door(g, heir))
			continue;
		if (g->until_boot_ms > heir->until_boot_ms)
			heir->until_boot_ms = g->until_boot_ms;
		if (g->logins + 1 > heir->logins)
			heir->logins = g->logins < GRANT_LOGINS ? g->logins + 1 : GRANT_LOGINS;
	}
}

enum accept_reason gate_open(uint32_t holder, const struct address *address,
			     const struct door *door, uint32_t seconds, const char *via,
			     const struct now *now)
{
	const struct key *key = &keys->list[holder];
	struct grant model = {.since_boot_ms = now->boot_ms,
			      .until_boot_ms = now->boot_ms + (uint64_t)seconds * 1000,
			      .since_ms = now->wall_ms,
			      .address = *address,
			      .door = *door,
			      .id = key->who.id,
			      .logins = 1,
			      .state = GRANT_ASKED,
			      .holder = holder};

	memcpy(model.key, key->name, sizeof model.key);
	snprintf(model.via, sizeof model.via, "%s", via);
	inherit(&model);
	model.until_ms = now->wall_ms + (model.until_boot_ms - now->boot_ms);
	const struct grant *grant = grant_add(&model);
	if (grant == NULL)
		return ACCEPT_LIMIT;
	orders_put(ORDER_OPEN, grant);
	return ACCEPT_OK;
}

static void refuse(const struct grant *grant, const struct now *now)
{
	const struct tell_refusal refusal = {.reason = ACCEPT_FIREWALL,
					     .id = grant->id,
					     .key = grant->key,
					     .via = grant->via,
					     .source = grant->address,
					     .door = grant->door};

	noise_counts.refused++;
	tell_refused(&refusal, now);
}

void gate_close(struct grant *grant, enum tell_why why, const struct now *now)
{
	orders_put(ORDER_CLOSE, grant);
	if (grant->state == GRANT_ASKED && why == TELL_EXPIRED) {
		refuse(grant, now); /* the firewall took longer than the grant would have lasted */
	} else {
		tell_closed(grant, why, now);
		store_put_ended(grant->number);
	}
	/* What was closed on purpose must not come back after a crash. */
	if (why == TELL_CLOSE || why == TELL_REVOKED)
		store_hurry();
	grant_remove(grant);
}

/* Its predecessors, which were asked for before it: all with a lesser number. */
static void replace_older(const struct grant *heir, const struct now *now)
{
	struct grant *next;

	for (struct grant *g = grant_first_of(heir->holder); g; g = next) {
		next = grant_next_of(g);
		if (g->number < heir->number && same_door(g, heir))
			gate_close(g, TELL_REPLACED, now);
	}
}

static void opened(struct grant *grant, const struct now *now)
{
	if (grant->state == GRANT_ASKED) {
		tell_opened(grant, now);
		store_put_opened(grant);
		replace_older(grant, now);
		login_opened(grant);
	}
	grant->state = GRANT_OPEN;
}

uint64_t gate_used(uint32_t holder, const struct address *address, uint64_t since_boot_ms)
{
	uint64_t ticket = 0;

	for (struct grant *g = grant_first_of(holder); g; g = grant_next_of(g)) {
		if (g->since_boot_ms != since_boot_ms || !address_equal(&g->address, address))
			continue;
		g->logins = 0;
		store_put_opened(g);
		ticket = store_hurry();
	}
	return ticket;
}

static void not_opened(struct grant *grant, const struct now *now)
{
	if (grant->state == GRANT_ASKED) {
		refuse(grant, now);
	} else {
		tell_closed(grant, TELL_REVOKED, now);
		login_close(&(struct login_target){&keys->list[grant->holder], &grant->address,
						   &grant->door});
		store_put_ended(grant->number);
		store_hurry();
	}
	grant_remove(grant);
}

void gate_answered(const struct ack *ack, const struct now *now)
{
	struct grant *grant = grant_find(ack->grant);

	if (ack->verb == ORDER_CLOSE && ack->result != 0)
		log_warn("the firewall did not remove the rule of grant %llu (%s); the kernel ends "
			 "it on time",
			 (unsigned long long)ack->grant, strerror((int)ack->result));
	if (ack->verb != ORDER_OPEN || grant == NULL)
		return; /* it was over before the answer came, and its end is ordered too */
	if (ack->result == 0)
		opened(grant, now);
	else
		not_opened(grant, now);
}

bool gate_asks(void)
{
	const struct grant *grant = grant_first();

	while (grant != NULL && grant->state != GRANT_ASKED)
		grant = grant_next(grant);
	return grant != NULL;
}

void gate_expire(const struct now *now)
{
	struct grant *grant;

	while ((grant = grant_soonest()) != NULL && grant->until_boot_ms <= now->boot_ms)
		gate_close(grant, TELL_EXPIRED, now);
}

uint64_t gate_deadline(void)
{
	const struct grant *grant = grant_soonest();

	return grant == NULL ? UINT64_MAX : grant->until_boot_ms;
}

/* Why a grant of an earlier life does not go on; TELL_WHYS_COUNT: it does. */
static enum tell_why judge(const struct grant *grant, const struct key *key, const struct now *now)
{
	if (grant->until_boot_ms <= now->boot_ms)
		return TELL_EXPIRED;
	if (key == NULL || strcmp(key->name, grant->key) != 0 || !policy_still(key, &grant->door))
		return TELL_REVOKED;
	return TELL_WHYS_COUNT;
}

/* Its knock counts at once: nobody is to be denied because the firewall has not answered yet. */
static bool restore(const struct grant *recorded, const struct now *now)
{
	const struct key *key = keys_find(keys, recorded->id);
	enum tell_why why = judge(recorded, key, now);
	struct grant model = *recorded;

	if (why == TELL_WHYS_COUNT) {
		model.holder = (uint32_t)(key - keys->list);
		model.state = GRANT_RESTORED;
		const struct grant *grant = grant_add(&model);
		orders_put(ORDER_OPEN, grant);
		login_opened(grant);
		return true;
	}
	tell_closed(recorded, why, now);
	store_put_ended(recorded->number);
	return false;
}

void gate_restore(const struct rows_loaded *loaded, const struct now *now)
{
	uint64_t count = 0;

	for (size_t i = 0; i < loaded->n_grants; i++)
		count += restore(&loaded->grants[i], now);
	orders_put_restored(count);
	if (loaded->n_grants > 0)
		log_info("of %zu grants of an earlier life %llu go on", loaded->n_grants,
			 (unsigned long long)count);
}

void gate_abandon(const struct now *now)
{
	struct grant *next;

	for (struct grant *grant = grant_first(); grant != NULL; grant = next) {
		next = grant_next(grant);
		if (grant->state != GRANT_ASKED)
			continue;
		refuse(grant, now);
		grant_remove(grant);
	}
}
