/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "batch.h"

#include <string.h>

#include "clocks.h"

/* After so long no half is begun any more, and what is left is refused untried: others wait. A commit that has
 * been begun may wait for a lock for as long again, or longer. */
enum { HALVES_MS = 5000 };

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

/* One that is closed again is known by what it was. */
static void apply(struct batch_change *change, struct living *living, uint64_t now_ms)
{
	const struct rule *before = living_find(living, change->order.grant);

	change->fault = ORDER_FAULT_NOTHING;
	change->undone = false;
	change->had = before != NULL || (change->had && change->order.verb == ORDER_CLOSE);
	if (before != NULL)
		change->before = *before;
	if (change->order.verb == ORDER_OPEN)
		change->fault = open_one(change, living, now_ms);
	else
		living_remove(living, change->order.grant);
}

const struct batch_change *batch_take(struct batch *batch, struct living *living,
				      const struct order *order, enum order_fault fault,
				      uint64_t now_ms)
{
	struct batch_change *change = &batch->list[batch->n++];

	*change = (struct batch_change){.order = *order, .fault = fault};
	if (fault == ORDER_FAULT_NOTHING)
		apply(change, living, now_ms);
	return change;
}

/* What a commit of one family is told. */
struct lists {
	bool v4;
	uint64_t stop_ms;
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

/* Of the changes from one to the other; what has ended goes with all. */
static void make_lists(struct lists *lists, const struct batch *batch, const struct living *living,
		       size_t from, size_t to)
{
	lists->rules = (struct rules){.living = living->list,
				      .n_living = living->n,
				      .opened = lists->opened,
				      .closed = lists->closed};
	for (size_t i = from; i < to; i++)
		list_change(lists, &batch->list[i], living);
	for (size_t i = 0; i < batch->n_ended && to - from == batch->n; i++)
		add(lists->closed, &lists->rules.n_closed, &batch->ended[i], lists->v4);
}

static void undo(struct batch_change *change, struct living *living, bool to_be_tried_again)
{
	if (change->fault != ORDER_FAULT_NOTHING)
		return;
	change->fault = ORDER_FAULT_COMMIT;
	change->undone = to_be_tried_again;
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
			undo(&batch->list[i], living, false);
}

static bool concerns(const struct batch_change *change, bool v4)
{
	if (change->order.verb == ORDER_OPEN)
		return address_is_v4(&change->order.address) == v4;
	return change->had && address_is_v4(&change->before.address) == v4;
}

static void apply_again(struct batch *batch, struct living *living, bool v4, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (batch->list[i].undone && concerns(&batch->list[i], v4))
			apply(&batch->list[i], living, clocks_boot_ms());
}

/* What was opened again before may be closed by what is not tried any more. */
static void close_untried(const struct batch *batch, struct living *living, bool v4, size_t from,
			  size_t to)
{
	for (size_t i = from; i < to; i++)
		if (batch->list[i].undone && batch->list[i].order.verb == ORDER_CLOSE &&
		    concerns(&batch->list[i], v4))
			living_remove(living, batch->list[i].order.grant);
}

/* What the kernel refuses as a whole it may take in part: so each half is tried, and one bad order
 * costs as many commits as the list can be halved. */
static int commit_some(struct batch *batch, struct living *living, const struct backend *backend,
		       struct lists *lists, size_t from, size_t to, struct error *error)
{
	const size_t ends[] = {from, from + (to - from) / 2, to};
	size_t n;
	int result;

	make_lists(lists, batch, living, from, to);
	n = lists->rules.n_opened + lists->rules.n_closed;
	if (n == 0 || backend->commit(&lists->rules, error) == 0)
		return 0;
	for (size_t i = to; i-- > from;)
		if (concerns(&batch->list[i], lists->v4))
			undo(&batch->list[i], living, true);
	if (n == 1 || to - from < 2)
		return -1;
	/* What has ended is in no half: for that the table is to be written anew. */
	result = to - from == batch->n && batch->n_ended > 0 ? -1 : 0;
	for (size_t i = 0; i < 2; i++) {
		if (clocks_boot_ms() >= lists->stop_ms) {
			close_untried(batch, living, lists->v4, ends[i], to);
			return -1;
		}
		apply_again(batch, living, lists->v4, ends[i], ends[i + 1]);
		if (commit_some(batch, living, backend, lists, ends[i], ends[i + 1], error) == -1)
			result = -1;
	}
	return result;
}

int batch_commit(struct batch *batch, struct living *living, const struct backend *backend,
		 struct error *error)
{
	static struct lists lists; /* large */
	int four, six;

	lists.stop_ms = clocks_boot_ms() + HALVES_MS;
	lists.v4 = true;
	four = commit_some(batch, living, backend, &lists, 0, batch->n, error);
	lists.v4 = false;
	six = commit_some(batch, living, backend, &lists, 0, batch->n, error);
	return four == 0 && six == 0 ? 0 : -1;
}
