/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate.h"

#include <stdio.h>
#include <string.h>

#include "holder.h"
#include "log.h"
#include "login.h"
#include "noise.h"
#include "orders.h"
#include "policy.h"
#include "store.h"

/* A ring of those that go to the record before the firewall is asked, in this order. */
static struct {
	uint64_t ticket, number;
} wanted[GATE_WANTED];
static size_t first_wanted, n_wanted;

void gate_start(void)
{
	first_wanted = n_wanted = 0;
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

/* Not beyond what server and key allow by now. Whether it had more. */
static bool clip(struct grant *grant, const struct now *now)
{
	uint64_t most_ms = policy_longest_ms(holder_key(grant->holder), now);

	if (grant->until_boot_ms <= now->boot_ms + most_ms)
		return false;
	grant->until_boot_ms = now->boot_ms + most_ms;
	grant->until_ms = now->wall_ms + most_ms;
	return true;
}

/* Null: no room for any more. */
static struct grant *add(struct grant *model, uint32_t seconds, const char *via,
			 const struct now *now)
{
	const struct key *key = holder_key(model->holder);

	model->since_boot_ms = now->boot_ms;
	model->until_boot_ms = now->boot_ms + (uint64_t)seconds * 1000;
	model->since_ms = now->wall_ms;
	model->id = key->who.id;
	model->logins = 1;
	memcpy(model->key, key->name, sizeof model->key);
	snprintf(model->via, sizeof model->via, "%s", via);
	inherit(model);
	model->until_ms = now->wall_ms + (model->until_boot_ms - now->boot_ms);
	clip(model, now);
	return grant_add(model);
}

enum accept_reason gate_open(const struct grant *wish, uint32_t seconds, const char *via,
			     const struct now *now)
{
	struct grant model = *wish;

	model.state = GRANT_ASKED;
	const struct grant *grant = add(&model, seconds, via, now);
	if (grant == NULL)
		return ACCEPT_LIMIT;
	orders_put(ORDER_OPEN, grant);
	return ACCEPT_OK;
}

uint64_t gate_want(const struct address *address, const struct door *door, uint32_t seconds,
		   const struct now *now)
{
	struct grant model = {
	    .address = *address, .door = *door, .state = GRANT_WANTED, .holder = holder_admin()};
	const struct grant *grant =
	    n_wanted == GATE_WANTED ? NULL : add(&model, seconds, "admin", now);

	if (grant == NULL)
		return 0;
	store_put_opened(grant);
	size_t place = (first_wanted + n_wanted++) % GATE_WANTED;
	wanted[place].ticket = store_hurry();
	wanted[place].number = grant->number;
	return grant->number;
}

void gate_durable(uint64_t done)
{
	for (; n_wanted > 0 && wanted[first_wanted].ticket <= done; n_wanted--) {
		struct grant *grant = grant_find(wanted[first_wanted].number);
		first_wanted = (first_wanted + 1) % GATE_WANTED;
		if (grant == NULL)
			continue; /* it was closed before it was opened */
		grant->state = GRANT_ASKED;
		orders_put(ORDER_OPEN, grant);
	}
}

static void refuse(const struct grant *grant, const struct now *now)
{
	const struct tell_refusal refusal = {.reason = ACCEPT_FIREWALL,
					     .id = grant->id,
					     .key = grant->key,
					     .via = grant->via,
					     .source = grant->address,
					     .door = grant->door};

	noise_counts.refused[ACCEPT_FIREWALL]++;
	tell_refused(&refusal, now);
}

void gate_close(struct grant *grant, enum tell_why why, const struct now *now)
{
	bool on_purpose = why == TELL_CLOSE || why == TELL_REVOKED, in_vain = false;

	if (grant->state != GRANT_WANTED)
		orders_put(ORDER_CLOSE, grant);
	/* The firewall, or the disk, may take longer than the grant would have lasted. */
	if (why == TELL_EXPIRED)
		in_vain = !grant_is_open(grant);
	if (in_vain)
		refuse(grant, now);
	else
		tell_closed(grant, why, now);
	store_put_turn(grant->number, on_purpose || in_vain ? ROWS_TURN_ENDED : ROWS_TURN_OVER);
	/* What was closed on purpose must not come back after a crash. */
	if (on_purpose)
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

static void not_opened(struct grant *grant, const struct now *now)
{
	if (grant_is_open(grant)) {
		tell_closed(grant, TELL_REVOKED, now);
		login_close(&(struct login_target){holder_key(grant->holder), &grant->address,
						   &grant->door});
	} else {
		refuse(grant, now);
	}
	store_put_turn(grant->number, ROWS_TURN_ENDED);
	store_hurry();
	grant_remove(grant);
}

void gate_answered(const struct ack *ack, const struct now *now)
{
	struct grant *grant = grant_find(ack->grant);

	orders_answered();
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

bool gate_waiting(void)
{
	return n_wanted > 0;
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

static bool still_may(uint32_t holder, const struct grant *grant, const struct now *now)
{
	if (holder == holder_admin())
		return policy_listed(&grant->door);
	return policy_still(holder_key(holder), &grant->address, &grant->door, now);
}

/* It goes on. Its knock counts at once: nobody is to be denied because the firewall has not answered
 * yet. False: there is no room, as where the record has more than there can be. */
static bool go_on(struct grant *model, const struct now *now)
{
	bool clipped = clip(model, now);

	model->state = GRANT_RESTORED;
	const struct grant *grant = grant_add(model);
	if (grant == NULL)
		return false;
	if (clipped)
		store_put_opened(grant);
	orders_put(ORDER_OPEN, grant);
	login_opened(grant);
	return true;
}

/* Whether it does. */
static bool restore(const struct grant *recorded, const struct now *now)
{
	struct grant model = *recorded;
	bool over = recorded->state == GRANT_OVER;
	bool known = holder_find(&model.holder, recorded->id, recorded->key) &&
		     still_may(model.holder, recorded, now);

	if (known && !over && recorded->until_boot_ms > now->boot_ms && go_on(&model, now))
		return true;
	if (!over)
		tell_closed(recorded, known ? TELL_EXPIRED : TELL_REVOKED, now);
	if (!known || !over)
		store_put_turn(recorded->number, known ? ROWS_TURN_OVER : ROWS_TURN_ENDED);
	if (known)
		login_opened(&model);
	return false;
}

void gate_restore(const struct rows_loaded *loaded, const struct now *now)
{
	uint64_t count = 0, living = 0;

	for (size_t i = 0; i < loaded->n_grants; i++) {
		living += loaded->grants[i].state != GRANT_OVER;
		count += restore(&loaded->grants[i], now);
	}
	orders_put_restored(count);
	if (living > 0)
		log_info("of %llu grants of an earlier life %llu go on", (unsigned long long)living,
			 (unsigned long long)count);
}

void gate_abandon(const struct now *now)
{
	struct grant *next;

	for (struct grant *grant = grant_first(); grant != NULL; grant = next) {
		next = grant_next(grant);
		if (grant_is_open(grant))
			continue;
		if (grant->state == GRANT_ASKED)
			orders_put(ORDER_CLOSE, grant);
		refuse(grant, now);
		store_put_turn(grant->number, ROWS_TURN_ENDED);
		grant_remove(grant);
	}
}
