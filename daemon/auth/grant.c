/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grant.h"

#include <stdlib.h>
#include <string.h>

/* Links are slots plus one; 0 is none. */
static struct {
	struct grant *slots;  /* GRANT_TABLE of them; memory is used as they are */
	uint32_t *free_slots; /* a stack */
	uint32_t *heap;       /* slots, the one that ends first on top */
	uint32_t *buckets;    /* by number */
	uint32_t *holders;    /* by key */
	uint32_t oldest, newest;
	uint32_t count;
	uint64_t last;
} table;

int grant_start(size_t count, uint64_t last)
{
	grant_end();
	table.slots = calloc(GRANT_TABLE, sizeof *table.slots);
	table.free_slots = calloc(GRANT_TABLE, sizeof *table.free_slots);
	table.heap = calloc(GRANT_TABLE, sizeof *table.heap);
	table.buckets = calloc(GRANT_TABLE, sizeof *table.buckets);
	table.holders = calloc(count > 0 ? count : 1, sizeof *table.holders);
	table.last = last;
	if (table.slots && table.free_slots && table.heap && table.buckets && table.holders) {
		for (uint32_t i = 0; i < GRANT_TABLE; i++)
			table.free_slots[i] = GRANT_TABLE - 1 - i;
		return 0;
	}
	grant_end();
	return -1;
}

void grant_end(void)
{
	free(table.slots);
	free(table.free_slots);
	free(table.heap);
	free(table.buckets);
	free(table.holders);
	memset(&table, 0, sizeof table);
}

static struct grant *at(uint32_t link)
{
	return link == 0 ? NULL : &table.slots[link - 1];
}

/* The heap: each ends no later than the two below it. */

static void place(uint32_t index, uint32_t slot)
{
	table.heap[index] = slot;
	table.slots[slot].heap = index;
}

static uint64_t end_at(uint32_t index)
{
	return table.slots[table.heap[index]].until_boot_ms;
}

static void heap_up(uint32_t index)
{
	uint32_t slot = table.heap[index];

	for (; index > 0 && table.slots[slot].until_boot_ms < end_at((index - 1) / 2);
	     index = (index - 1) / 2)
		place(index, table.heap[(index - 1) / 2]);
	place(index, slot);
}

/* count: of the heap, which may be one less than the table's in the middle of a removal. */
static void heap_down(uint32_t index, uint32_t count)
{
	uint32_t slot = table.heap[index];

	for (;;) {
		uint32_t child = 2 * index + 1;
		if (child + 1 < count && end_at(child + 1) < end_at(child))
			child++;
		if (child >= count || table.slots[slot].until_boot_ms <= end_at(child))
			break;
		place(index, table.heap[child]);
		index = child;
	}
	place(index, slot);
}

static void heap_remove(uint32_t index, uint32_t count)
{
	uint32_t last = table.heap[count - 1];

	if (index == count - 1)
		return;
	place(index, last);
	heap_up(index);
	heap_down(table.slots[last].heap, count - 1);
}

static void link_in(struct grant *grant)
{
	uint32_t link = grant->slot + 1;
	uint32_t *bucket = &table.buckets[grant->number % GRANT_TABLE];
	uint32_t *holder = &table.holders[grant->holder];

	grant->next_of_bucket = *bucket;
	*bucket = link;
	grant->next_of_holder = *holder;
	*holder = link;
	grant->older = table.newest;
	grant->newer = 0;
	if (table.newest != 0)
		at(table.newest)->newer = link;
	else
		table.oldest = link;
	table.newest = link;
}

struct grant *grant_add(const struct grant *model)
{
	if (table.count == GRANT_TABLE)
		return NULL;
	uint32_t slot = table.free_slots[GRANT_TABLE - 1 - table.count];
	struct grant *grant = &table.slots[slot];
	*grant = *model;
	grant->slot = slot;
	if (grant->number == 0)
		grant->number = table.last + 1;
	if (grant->knock == 0)
		grant->knock = grant->number;
	if (grant->number > table.last)
		table.last = grant->number;
	link_in(grant);
	table.heap[table.count] = slot;
	heap_up(table.count++);
	return grant;
}

static void unlink_from_bucket(const struct grant *grant)
{
	uint32_t *link = &table.buckets[grant->number % GRANT_TABLE];

	while (*link != grant->slot + 1)
		link = &at(*link)->next_of_bucket;
	*link = grant->next_of_bucket;
}

static void unlink_from_holder(const struct grant *grant)
{
	uint32_t *link = &table.holders[grant->holder];

	while (*link != grant->slot + 1)
		link = &at(*link)->next_of_holder;
	*link = grant->next_of_holder;
}

void grant_remove(struct grant *grant)
{
	unlink_from_bucket(grant);
	unlink_from_holder(grant);
	*(grant->older ? &at(grant->older)->newer : &table.oldest) = grant->newer;
	*(grant->newer ? &at(grant->newer)->older : &table.newest) = grant->older;
	heap_remove(grant->heap, table.count);
	table.count--;
	table.free_slots[GRANT_TABLE - 1 - table.count] = grant->slot;
	grant->number = 0;
}

struct grant *grant_find(uint64_t number)
{
	struct grant *grant = at(table.buckets[number % GRANT_TABLE]);

	while (grant != NULL && grant->number != number)
		grant = at(grant->next_of_bucket);
	return grant;
}

struct grant *grant_soonest(void)
{
	return table.count == 0 ? NULL : &table.slots[table.heap[0]];
}

struct grant *grant_first(void)
{
	return at(table.oldest);
}

struct grant *grant_next(const struct grant *grant)
{
	return at(grant->newer);
}

struct grant *grant_after(uint64_t number)
{
	struct grant *grant = number == 0 ? NULL : grant_find(number);

	if (grant != NULL)
		return grant_next(grant);
	for (grant = grant_first(); grant != NULL && grant->number <= number;)
		grant = grant_next(grant);
	return grant;
}

struct grant *grant_first_of(uint32_t holder)
{
	return at(table.holders[holder]);
}

struct grant *grant_next_of(const struct grant *grant)
{
	return at(grant->next_of_holder);
}

bool grant_is_at(uint32_t holder, const struct address *address)
{
	const struct grant *grant = grant_first_of(holder);

	while (grant != NULL && !address_equal(&grant->address, address))
		grant = grant_next_of(grant);
	return grant != NULL;
}

bool grant_is_open(const struct grant *grant)
{
	return grant->state == GRANT_OPEN || grant->state == GRANT_RESTORED;
}

size_t grant_count(void)
{
	return table.count;
}

uint64_t grant_last(void)
{
	return table.last;
}
