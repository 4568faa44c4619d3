/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sets.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "batch.h"
#include "hash.h"
#include "living.h"
#include "log.h"

/* The living, and for the time of a commit what it closes. */
enum { MOST = LIVING_MAX + 2 * BATCH_MAX };
enum { SLOTS = 65536, NONE = UINT32_MAX };
/* Kernels count in ticks, ipset tells whole seconds, rounded up at the end. */
enum { LATE_MS = 1000, EARLY_MS = 3000 };

/* A grant that lives, in the chain of its element's slot. */
struct node {
	struct sets_element element;
	uint64_t grant;
	uint32_t next, round;
};

static struct {
	struct hash_key key;
	bool known;     /* what follows agrees with the living */
	uint32_t round; /* nodes of this round have been seen */
	uint32_t slots[SLOTS], unused;
	struct node nodes[MOST];
} index_of;

int sets_start(struct error *error)
{
	if (getrandom(&index_of.key, sizeof(index_of.key), 0) != sizeof(index_of.key))
		return error_set(error, "no random numbers: %s", strerror(errno));
	return 0;
}

/* ---- the grants by element ---- */

static bool same(const struct sets_element *a, const struct sets_element *b)
{
	return address_equal(&a->address, &b->address) && door_equal(&a->door, &b->door);
}

static uint32_t *slot_of(const struct sets_element *element)
{
	struct {
		struct address address;
		struct door door;
	} name = {element->address, element->door};

	return &index_of.slots[hash_of(&index_of.key, &name, sizeof(name)) % SLOTS];
}

static struct sets_element element_of(const struct rule *rule)
{
	return (struct sets_element){rule->until_ms, rule->address, rule->door};
}

static void remove_rule(const struct rule *rule)
{
	struct sets_element element = element_of(rule);

	for (uint32_t *at = slot_of(&element); *at != NONE; at = &index_of.nodes[*at].next) {
		uint32_t found = *at;
		struct node *node = &index_of.nodes[found];
		if (node->grant != rule->grant || !same(&node->element, &element))
			continue;
		*at = node->next;
		node->next = index_of.unused;
		index_of.unused = found;
		return;
	}
}

static void put_rule(const struct rule *rule)
{
	struct sets_element element = element_of(rule);
	uint32_t *slot = slot_of(&element), at;

	remove_rule(rule); /* where it is ordered again */
	at = index_of.unused;
	if (at == NONE)
		log_bug("more elements than grants");
	index_of.unused = index_of.nodes[at].next;
	index_of.nodes[at] = (struct node){.element = element, .grant = rule->grant, .next = *slot};
	*slot = at;
}

static void put_all(const struct rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_rule(&rules[i]);
}

static void learn(const struct rules *rules)
{
	memset(index_of.slots, 0xff, sizeof(index_of.slots));
	for (uint32_t i = 0; i < MOST; i++)
		index_of.nodes[i].next = i + 1 < MOST ? i + 1 : NONE;
	index_of.unused = 0;
	put_all(rules->living, rules->n_living);
	index_of.known = true;
}

/* The end of the last grant that shares it, or 0. */
static uint64_t end_of(const struct sets_element *element)
{
	uint64_t last = 0;

	for (uint32_t at = *slot_of(element); at != NONE; at = index_of.nodes[at].next) {
		const struct node *node = &index_of.nodes[at];
		if (node->element.until_ms > last && same(&node->element, element))
			last = node->element.until_ms;
	}
	return last;
}

/* Is it seen for the first time in this round? */
static bool see(const struct sets_element *element)
{
	bool first = false;

	for (uint32_t at = *slot_of(element); at != NONE; at = index_of.nodes[at].next) {
		struct node *node = &index_of.nodes[at];
		if (node->round == index_of.round || !same(&node->element, element))
			continue;
		node->round = index_of.round;
		first = true;
	}
	return first;
}

/* ---- what a commit concerns ---- */

static struct {
	size_t n;
	struct sets_element list[LIVING_MAX];
} taken;
_Static_assert(MOST - LIVING_MAX + BATCH_MAX <= LIVING_MAX, "the changes of a batch fit");

static void list(const struct rule *rules, size_t n, bool v4)
{
	for (size_t i = 0; i < n; i++) {
		struct sets_element element = element_of(&rules[i]);
		if (address_is_v4(&element.address) == v4 && see(&element))
			taken.list[taken.n++] = element;
	}
}

/* In this order: a grant may be closed and opened again in one batch; and what was closed must be
 * known, too, to be seen once. */
static void follow(const struct rules *rules, bool v4)
{
	put_all(rules->closed, rules->n_closed);
	put_all(rules->opened, rules->n_opened);
	list(rules->closed, rules->n_closed, v4);
	list(rules->opened, rules->n_opened, v4);
	for (size_t i = 0; i < rules->n_closed; i++)
		remove_rule(&rules->closed[i]);
	put_all(rules->opened, rules->n_opened);
}

const struct sets_element *sets_take(const struct rules *rules, bool v4, size_t *n)
{
	if (rules->all || !index_of.known)
		learn(rules);
	index_of.round++;
	taken.n = 0;
	if (rules->all)
		list(rules->living, rules->n_living, v4);
	else
		follow(rules, v4);
	for (size_t i = 0; i < taken.n; i++)
		taken.list[i].until_ms = end_of(&taken.list[i]);
	*n = taken.n;
	return taken.list;
}

void sets_forget(void)
{
	index_of.known = false;
}

/* ---- what is found ---- */

void sets_look(struct sets_look *look, const struct rules *rules, uint64_t now_ms)
{
	*look = (struct sets_look){.now_ms = now_ms};
	if (!index_of.known)
		learn(rules);
	index_of.round++;
}

void sets_look_at(const struct sets_element *found, void *data)
{
	struct sets_look *look = data;
	uint64_t end = end_of(found), there = look->now_ms + found->until_ms;

	see(found);
	/* One without an end has none that is right. */
	if (end == 0 || found->until_ms == 0 || there > end + LATE_MS || there + EARLY_MS < end)
		look->changed = true;
}

bool sets_look_end(const struct sets_look *look, bool v4)
{
	if (look->changed)
		return false;
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		for (uint32_t at = index_of.slots[slot]; at != NONE; at = index_of.nodes[at].next) {
			const struct node *node = &index_of.nodes[at];
			if (node->round != index_of.round &&
			    node->element.until_ms > look->now_ms + EARLY_MS &&
			    address_is_v4(&node->element.address) == v4)
				return false;
		}
	return true;
}
