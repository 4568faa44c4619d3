/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin.h"

#include <string.h>

#include "block.h"
#include "carrier.h"
#include "gate.h"
#include "holder.h"
#include "judge.h"
#include "login.h"
#include "policy.h"
#include "store.h"
#include "tell.h"

static struct admin_result refuse(const char *reason)
{
	return (struct admin_result){.error = reason};
}

/* The same names as those of the firewall's own check, which would come to the same. */
struct admin_result admin_open(const struct question *question, const struct now *now)
{
	struct address address;
	uint32_t seconds = policy_span(question->seconds);

	if (address_parse(&address, question->subject) != 0)
		return refuse("malformed");
	if (!carrier_can_come_from(&address))
		return refuse("address");
	if (!policy_listed(&question->door))
		return refuse("door");
	if (seconds == 0)
		return refuse("span");
	if (block_has(&address, now))
		return refuse("blocked");
	uint64_t number = gate_want(&address, &question->door, seconds, now);
	if (number == 0)
		return refuse("limit");
	judge_note_numbers(now);
	return (struct admin_result){.number = number};
}

/* Whom `close` is about. An address is no name of a key, whatever a key is named. */
struct target {
	bool all, is_address;
	struct address address;
	const char *name;
};

static bool is_meant(const struct grant *grant, const struct target *target)
{
	if (target->is_address)
		return address_equal(&grant->address, &target->address);
	return target->all || strcmp(grant->key, target->name) == 0;
}

/* Also of grants that are over. A key that is being rotated stands there twice. */
static size_t close_logins(const struct target *target)
{
	size_t closed = 0;

	if (target->all || target->is_address)
		return login_close(&(struct login_target){
		    .address = target->is_address ? &target->address : NULL});
	for (uint32_t i = 0; i < holder_count(); i++)
		if (strcmp(holder_key(i)->name, target->name) == 0)
			closed += login_close(&(struct login_target){.key = holder_key(i)});
	return closed;
}

static struct admin_result close_all(const struct target *target, const struct now *now)
{
	struct admin_result result = {.number = 0};
	struct grant *next;

	for (struct grant *grant = grant_first(); grant != NULL; grant = next) {
		next = grant_next(grant);
		if (!is_meant(grant, target))
			continue;
		gate_close(grant, TELL_CLOSE, now);
		result.number++;
	}
	result.logins = close_logins(target);
	if (result.number + result.logins > 0)
		result.wait = store_hurry();
	return result;
}

struct admin_result admin_close(const struct question *question, const struct now *now)
{
	const char *subject = question->subject;
	struct target target = {.name = subject, .all = strcmp(subject, "all") == 0};

	target.is_address = address_parse(&target.address, subject) == 0;
	if (!target.is_address && !target.all && !name_valid(subject))
		return refuse("malformed");
	return close_all(&target, now);
}

struct admin_result admin_block(const struct question *question, const struct now *now)
{
	struct target target = {.is_address = true};
	uint64_t until_ms =
	    question->seconds == 0 ? 0 : now->wall_ms + (uint64_t)question->seconds * 1000;

	if (address_parse(&target.address, question->subject) != 0)
		return refuse("malformed");
	if (!block_put(&target.address, until_ms, now))
		return refuse("limit");
	tell_blocked(&target.address, question->seconds, now);
	struct admin_result result = close_all(&target, now);
	result.wait = store_hurry();
	return result;
}

struct admin_result admin_unblock(const struct question *question, const struct now *now)
{
	struct address address;

	if (address_parse(&address, question->subject) != 0)
		return refuse("malformed");
	if (!block_lift(&address, now))
		return (struct admin_result){.number = 0};
	tell_unblocked(&address, now);
	return (struct admin_result){.number = 1, .wait = store_hurry()};
}
