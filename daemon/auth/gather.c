/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "hash.h"
#include "sequence.h"

/* A slot of the table holds this many addresses. */
enum { WAYS = 8 };

/* Tries: what a decoding costs (some 25 us) times these keeps it under a tenth of a processor. */
enum { TRIES_BURST = 1024, TRIES_PER_SECOND = 2048 };

/* So many of a knock's 32 symbols differ, for sure enough, from those of the one before it. */
enum { FRESH_LEAST = 24 };

struct gathering {
	struct address source;
	uint64_t used_ms;              /* last arrival; 0: free */
	uint64_t done_ms;              /* when a knock of it was complete; 0: never */
	uint32_t order[SEQUENCE_MOST]; /* number of the arrival of each position's value; 0: none */
	uint32_t at_ms[SEQUENCE_MOST]; /* and its time, in the clock's lower half */
	uint8_t value[SEQUENCE_MOST];
	uint8_t done[SEQUENCE_MOST]; /* the symbols of that knock */
	uint8_t tried[KNOCK_SIZE];   /* the last candidate: it is not given twice */
};

struct gather {
	struct portset set;
	unsigned positions;
	uint64_t window_ms;
	struct hash_key hash;
	size_t slots; /* a power of two, WAYS gatherings each */
	struct gathering *table;
	uint64_t budget, refilled_ms;
	uint32_t arrivals;
	struct gather_counts counts;
};

struct gather *gather_new(const struct portset *set, uint32_t window_s, uint32_t sources)
{
	struct gather *gather = calloc(1, sizeof *gather);
	if (gather == NULL)
		return NULL;
	gather->set = *set;
	gather->positions = sequence_positions(set);
	gather->window_ms = (uint64_t)window_s * 1000;
	gather->budget = TRIES_BURST;
	for (gather->slots = 1; gather->slots * WAYS < sources;)
		gather->slots *= 2;
	crypto_random(&gather->hash, sizeof gather->hash);
	gather->table = calloc(gather->slots * WAYS, sizeof *gather->table);
	if (gather->positions == 0 || gather->table == NULL) {
		gather_free(gather);
		return NULL;
	}
	return gather;
}

void gather_free(struct gather *gather)
{
	if (gather == NULL)
		return;
	free(gather->table);
	free(gather);
}

const struct gather_counts *gather_counts(const struct gather *gather)
{
	return &gather->counts;
}

static struct gathering *slot_of(struct gather *gather, const struct address *source)
{
	uint64_t hash = hash_of(&gather->hash, source->bytes, sizeof source->bytes);
	return &gather->table[(hash & (gather->slots - 1)) * WAYS];
}

static struct gathering *find(struct gather *gather, const struct address *source)
{
	struct gathering *slot = slot_of(gather, source);
	for (unsigned i = 0; i < WAYS; i++)
		if (slot[i].used_ms != 0 && address_equal(&slot[i].source, source))
			return &slot[i];
	return NULL;
}

/* The gathering of this source, or a new one in the place of what was quiet for longest. */
static struct gathering *claim(struct gather *gather, const struct address *source, uint64_t now_ms)
{
	struct gathering *found = find(gather, source);
	if (found != NULL)
		return found;
	struct gathering *slot = slot_of(gather, source), *oldest = slot;
	for (unsigned i = 1; i < WAYS; i++)
		if (slot[i].used_ms < oldest->used_ms)
			oldest = &slot[i];
	if (oldest->used_ms != 0 && oldest->used_ms + gather->window_ms > now_ms)
		gather->counts.evicted++;
	memset(oldest, 0, sizeof *oldest);
	oldest->source = *source;
	return oldest;
}

static bool pay(struct gather *gather, uint64_t now_ms)
{
	uint64_t earned = (now_ms - gather->refilled_ms) * TRIES_PER_SECOND / 1000;
	if (earned > 0) {
		gather->budget += earned;
		if (gather->budget > TRIES_BURST)
			gather->budget = TRIES_BURST;
		gather->refilled_ms = now_ms;
	}
	if (gather->budget == 0) {
		gather->counts.unpaid++;
		return false;
	}
	gather->budget--;
	gather->counts.tries++;
	return true;
}

/* Is this symbol one of the knock that was completed a moment ago? */
static bool left_over(const struct gather *gather, const struct gathering *gathering,
		      struct symbol symbol, uint64_t now_ms)
{
	return gathering->done_ms != 0 && gathering->done_ms + gather->window_ms > now_ms &&
	       gathering->done[symbol.position] == symbol.value;
}

static bool stands(const struct gather *gather, const struct gathering *gathering,
		   unsigned position, uint64_t now_ms)
{
	uint32_t age_ms = (uint32_t)now_ms - gathering->at_ms[position];
	return gathering->order[position] != 0 && age_ms < gather->window_ms;
}

/* It stands, and does so for another knock than that one. */
static bool fresh(const struct gather *gather, const struct gathering *gathering, unsigned position,
		  uint64_t now_ms)
{
	struct symbol symbol = {.position = (uint8_t)position, .value = gathering->value[position]};
	return stands(gather, gathering, position, now_ms) &&
	       !left_over(gather, gathering, symbol, now_ms);
}

struct standing {
	struct symbol symbols[SEQUENCE_MOST];
	unsigned count, fresh;
};

static void count_standing(struct standing *standing, const struct gather *gather,
			   const struct gathering *gathering, uint64_t now_ms)
{
	standing->count = standing->fresh = 0;
	for (unsigned i = 0; i < gather->positions; i++) {
		standing->count += stands(gather, gathering, i, now_ms);
		standing->fresh += fresh(gather, gathering, i, now_ms);
	}
}

/* Sorts one in: the latest first. Numbers wrap around; those that stand are near each other. */
static void insert(struct symbol *symbols, unsigned count, const struct gathering *gathering,
		   unsigned position)
{
	unsigned place = count;
	for (; place > 0; place--) {
		struct symbol later = symbols[place - 1];
		if ((int32_t)(gathering->order[later.position] - gathering->order[position]) > 0)
			break;
		symbols[place] = later;
	}
	symbols[place] =
	    (struct symbol){.position = (uint8_t)position, .value = gathering->value[position]};
}

/* The symbols that stand, the fresh ones before the others. */
static void list_standing(struct standing *standing, const struct gather *gather,
			  const struct gathering *gathering, uint64_t now_ms)
{
	struct symbol *others = standing->symbols + standing->fresh;
	unsigned n_fresh = 0, n_others = 0;
	for (unsigned i = 0; i < gather->positions; i++)
		if (fresh(gather, gathering, i, now_ms))
			insert(standing->symbols, n_fresh++, gathering, i);
		else if (stands(gather, gathering, i, now_ms))
			insert(others, n_others++, gathering, i);
}

static void put(struct gather *gather, struct gathering *gathering, struct symbol symbol,
		uint64_t now_ms)
{
	if (++gather->arrivals == 0)
		gather->arrivals = 1;
	gathering->order[symbol.position] = gather->arrivals;
	gathering->at_ms[symbol.position] = (uint32_t)now_ms;
	gathering->value[symbol.position] = symbol.value;
	gather->counts.symbols++;
}

/* Decodes the first count symbols; true: into something that was not tried just before. */
static bool try(struct gather *gather, struct gathering *gathering, const struct symbol *symbols,
		unsigned count, uint64_t now_ms, uint8_t candidate[static KNOCK_SIZE])
{
	if (!pay(gather, now_ms) || sequence_decode(candidate, symbols, count) != 0 ||
	    memcmp(candidate, gathering->tried, KNOCK_SIZE) == 0)
		return false;
	memcpy(gathering->tried, candidate, KNOCK_SIZE);
	return true;
}

unsigned gather_touch(struct gather *gather, const struct address *source, uint16_t port,
		      uint64_t now_ms, uint8_t candidates[static GATHER_CANDIDATES][KNOCK_SIZE])
{
	struct symbol symbol;
	struct standing standing;
	if (sequence_symbol(&symbol, &gather->set, port) != 0)
		return 0;
	struct gathering *gathering = claim(gather, source, now_ms);
	gathering->used_ms = now_ms;
	/* It may as well be of the next knock, by chance; but nothing gives way to it. */
	if (left_over(gather, gathering, symbol, now_ms) &&
	    fresh(gather, gathering, symbol.position, now_ms))
		return 0;
	put(gather, gathering, symbol, now_ms);

	count_standing(&standing, gather, gathering, now_ms);
	if (standing.count < KNOCK_SIZE || standing.fresh < FRESH_LEAST)
		return 0;
	list_standing(&standing, gather, gathering, now_ms);
	unsigned found =
	    try(gather, gathering, standing.symbols, KNOCK_SIZE, now_ms, candidates[0]);
	/* One more than needed corrects nothing; two more, one error. */
	if (standing.fresh > KNOCK_SIZE + 1)
		found += try(gather, gathering, standing.symbols, standing.fresh, now_ms,
			     candidates[found]);
	return found;
}

void gather_done(struct gather *gather, const struct address *source,
		 const uint8_t knock[static KNOCK_SIZE], uint64_t now_ms)
{
	struct gathering *gathering = find(gather, source);
	if (gathering == NULL)
		return;
	memset(gathering->order, 0, sizeof gathering->order);
	sequence_encode(gathering->done, gather->positions, knock);
	gathering->done_ms = now_ms;
}
