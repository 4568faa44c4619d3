/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "batch.h"

#include <string.h>

void batch_empty(struct batch *batch)
{
	batch->n = batch->n_ended = 0;
}

bool batch_full(const struct batch *batch)
{
	return batch->n == BATCH_MAX;
}

void batch_expire(struct batch *batch, struct living *living, uint64_t now_ms)
{
	batch->n_ended += living_expire(living, now_ms, batch->ended + batch->n_ended,
					BATCH_MAX - batch->n_ended);
}

static void rule_of(struct rule *rule, const struct order *order, uint64_t since_ms)
{
	*rule = (struct rule){
	    .grant = order->grant,
	    .since_ms = since_ms,
	    .until_ms = order->until_ms,
	    .address = order->address,
	    .door = order->door,
	};
	memcpy(rule->key, order->key, sizeof(rule->key));
}

static enum order_fault open_one(const struct batch_change *change, struct living *living,
				 uint64_t now_ms)
{
	const struct order *order = &change->order;
	struct rule rule;

	/* Replacing moves the end, nothing else. */
	if (change->had && (!address_equal(&change->before.address, &order->address) ||
			    !door_equal(&change->before.door, &order->door)))
		return ORDER_FAULT_OTHER;
	rule_of(&rule, order, change->had ? change->before.since_ms : now_ms);
	return living_put(living, &rule) ? ORDER_FAULT_NOTHING : ORDER_FAULT_FULL;
}

const struct batch_change *batch_take(struct batch *batch, struct living *living,
				      const struct order *order, enum order_fault fault,
				      uint64_t now_ms)
{
	struct batch_change *change = &batch->list[batch->n++];
	const struct rule *before = living_find(living, order->grant);

	*change = (struct batch_change){.order = *order, .fault = fault, .had = before != NULL};
	if (before != NULL)
		change->before = *before;
	if (fault == ORDER_FAULT_NOTHING && order->verb == ORDER_OPEN)
		change->fault = open_one(change, living, now_ms);
	else if (fault == ORDER_FAULT_NOTHING)
		living_remove(living, order->grant);
	return change;
}

/* What a commit of one family is told. */
struct lists {
	bool v4;
	struct rules rules;
	struct rule opened[BATCH_MAX], closed[2 * BATCH_MAX];
};

static void add(struct rule *list, size_t *n, const struct rule *rule, bool v4)
{
	if (address_is_v4(&rule->address) == v4)
		list[(*n)++] = *rule;
}

static void list_change(struct lists *lists, const struct batch_change *change,
			const struct living *living)
{
	const struct rule *now = living_find(living, change->order.grant);

	if (change->fault != ORDER_FAULT_NOTHING)
		return;
	if (change->order.verb == ORDER_OPEN && now != NULL)
		add(lists->opened, &lists->rules.n_opened, now, lists->v4);
	else if (change->had)
		add(lists->closed, &lists->rules.n_closed, &change->before, lists->v4);
}

static void make_lists(struct lists *lists, const struct batch *batch, const struct living *living,
		       bool v4)
{
	lists->v4 = v4;
	lists->rules = (struct rules){.living = living->list,
				      .n_living = living->n,
				      .opened = lists->opened,
				      .closed = lists->closed};
	for (size_t i = 0; i < batch->n; i++)
		list_change(lists, &batch->list[i], living);
	for (size_t i = 0; i < batch->n_ended; i++)
		add(lists->closed, &lists->rules.n_closed, &batch->ended[i], v4);
}

static void undo(struct batch_change *change, struct living *living)
{
	if (change->fault != ORDER_FAULT_NOTHING)
		return;
	change->fault = ORDER_FAULT_COMMIT;
	/* One that a later order has closed stays closed. */
	if (change->order.verb == ORDER_CLOSE || living_find(living, change->order.grant) == NULL)
		return;
	if (change->had)
		living_put(living, &change->before);
	else
		living_remove(living, change->order.grant);
}

void batch_forgo(struct batch *batch, struct living *living)
{
	for (size_t i = batch->n; i-- > 0;)
		if (batch->list[i].order.verb == ORDER_OPEN)
			undo(&batch->list[i], living);
}

static bool concerns(const struct batch_change *change, bool v4)
{
	if (change->order.verb == ORDER_OPEN)
		return address_is_v4(&change->order.address) == v4;
	return change->had && address_is_v4(&change->before.address) == v4;
}

static int commit_family(struct batch *batch, struct living *living, const struct backend *backend,
			 bool v4, struct error *error)
{
	static struct lists lists; /* large */

	make_lists(&lists, batch, living, v4);
	if (lists.rules.n_opened + lists.rules.n_closed == 0 ||
	    backend->commit(&lists.rules, error) == 0)
		return 0;
	for (size_t i = batch->n; i-- > 0;)
		if (concerns(&batch->list[i], v4))
			undo(&batch->list[i], living);
	return -1;
}

int batch_commit(struct batch *batch, struct living *living, const struct backend *backend,
		 struct error *error)
{
	int four = commit_family(batch, living, backend, true, error);
	int six = commit_family(batch, living, backend, false, error);

	return four == 0 && six == 0 ? 0 : -1;
}
