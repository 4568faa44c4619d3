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
	uint64_t used_ms; /* last arrival; 0: free */
	uint64_t done_ms; /* when a knock of it was complete; 0: never */
	uint32_t
	    at_ms[SEQUENCE_MOST]; /* arrival of each position's value, the clock's lower half */
	uint16_t order[SEQUENCE_MOST]; /* and its number; 0: none stands */
	uint16_t
	    echo[SEQUENCE_MOST]; /* the number at which done's value came instead; 0: did not */
	uint16_t arrived;        /* the last number */
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

/* Is what comes of the knock that was completed a moment ago still to be told apart? */
static bool done_lately(const struct gather *gather, const struct gathering *gathering,
			uint64_t now_ms)
{
	return gathering->done_ms != 0 && gathering->done_ms + gather->window_ms > now_ms;
}

static bool stands(const struct gather *gather, const struct gathering *gathering,
		   unsigned position, uint64_t now_ms)
{
	uint32_t age_ms = (uint32_t)now_ms - gathering->at_ms[position];
	return gathering->order[position] != 0 && age_ms < gather->window_ms;
}

/* Numbers wrap around; those that stand are near each other. */
static bool later(uint16_t a, uint16_t b)
{
	return (int16_t)(uint16_t)(a - b) > 0;
}

/* Symbols, the latest first. */
struct list {
	struct symbol symbols[SEQUENCE_MOST];
	uint16_t numbers[SEQUENCE_MOST]; /* of their arrival */
	unsigned count;
};

/* Sorts one in, not before that place. */
static void insert(struct list *list, unsigned first, struct symbol symbol, uint16_t number)
{
	unsigned place = list->count++;
	for (; place > first && later(number, list->numbers[place - 1]); place--) {
		list->symbols[place] = list->symbols[place - 1];
		list->numbers[place] = list->numbers[place - 1];
	}
	list->symbols[place] = symbol;
	list->numbers[place] = number;
}

static struct symbol value_at(const struct gathering *gathering, unsigned position)
{
	return (struct symbol){.position = (uint8_t)position, .value = gathering->value[position]};
}

static struct symbol echo_at(const struct gathering *gathering, unsigned position)
{
	return (struct symbol){.position = (uint8_t)position, .value = gathering->done[position]};
}

/* What must be of another knock than the one that is done. */
static void list_values(struct list *list, const struct gather *gather,
			const struct gathering *gathering, uint64_t now_ms)
{
	list->count = 0;
	for (unsigned i = 0; i < gather->positions; i++)
		if (stands(gather, gathering, i, now_ms))
			insert(list, 0, value_at(gathering, i), gathering->order[i]);
}

/* And behind that what may be. */
static void add_echoes(struct list *list, const struct gather *gather,
		       const struct gathering *gathering, uint64_t now_ms)
{
	unsigned first = list->count;
	for (unsigned i = 0; i < gather->positions; i++)
		if (gathering->echo[i] != 0 && !stands(gather, gathering, i, now_ms))
			insert(list, first, echo_at(gathering, i), gathering->echo[i]);
}

/* The latest of each position, whosever it is: a symbol of the next knock can be the same as the last
 * one's, and then must not be taken for its rest, nor an older one stand for it. */
static void list_latest(struct list *list, const struct gather *gather,
			const struct gathering *gathering, uint64_t now_ms)
{
	list->count = 0;
	for (unsigned i = 0; i < gather->positions; i++) {
		bool value = stands(gather, gathering, i, now_ms), echo = gathering->echo[i] != 0;
		if (echo && (!value || later(gathering->echo[i], gathering->order[i])))
			insert(list, 0, echo_at(gathering, i), gathering->echo[i]);
		else if (value)
			insert(list, 0, value_at(gathering, i), gathering->order[i]);
	}
}

static bool has_echo(const struct gathering *gathering)
{
	static const uint16_t none[SEQUENCE_MOST];
	return memcmp(gathering->echo, none, sizeof none) != 0;
}

/* Is it the same packet again (TCP's, or the network's), so that what would be tried is the same? */
static bool repeats(const struct list *latest, struct symbol symbol)
{
	for (unsigned i = 0; i < latest->count && i < KNOCK_SIZE; i++)
		if (latest->symbols[i].position == symbol.position)
			return latest->symbols[i].value == symbol.value;
	return false;
}

static uint16_t next_number(struct gathering *gathering)
{
	if (++gathering->arrived == 0)
		gathering->arrived = 1;
	return gathering->arrived;
}

static void put(struct gather *gather, struct gathering *gathering, struct symbol symbol,
		uint64_t now_ms)
{
	gather->counts.symbols++;
	if (done_lately(gather, gathering, now_ms) &&
	    gathering->done[symbol.position] == symbol.value) {
		gathering->echo[symbol.position] = next_number(gathering);
		return;
	}
	gathering->order[symbol.position] = next_number(gathering);
	gathering->at_ms[symbol.position] = (uint32_t)now_ms;
	gathering->value[symbol.position] = symbol.value;
}

/* Decodes the first count symbols; 1: into something that was not tried just before, nor is done. */
static unsigned try(struct gather *gather, struct gathering *gathering, const struct list *list,
		    unsigned count, uint64_t now_ms, uint8_t candidate[static KNOCK_SIZE])
{
	if (list->count < count || !pay(gather, now_ms) ||
	    sequence_decode(candidate, list->symbols, count) != 0 ||
	    memcmp(candidate, gathering->tried, KNOCK_SIZE) == 0)
		return 0;
	/* The code's first 32 symbols are the knock. */
	if (done_lately(gather, gathering, now_ms) &&
	    memcmp(candidate, gathering->done, KNOCK_SIZE) == 0)
		return 0;
	memcpy(gathering->tried, candidate, KNOCK_SIZE);
	return 1;
}

unsigned gather_touch(struct gather *gather, const struct address *source, uint16_t port,
		      uint64_t now_ms, uint8_t candidates[static GATHER_CANDIDATES][KNOCK_SIZE])
{
	/* One more than needed corrects nothing; two more, one error. */
	enum { CORRECTS = KNOCK_SIZE + 2 };
	struct list list;
	struct symbol symbol;
	unsigned found = 0;
	if (sequence_symbol(&symbol, &gather->set, port) != 0)
		return 0;
	struct gathering *gathering = claim(gather, source, now_ms);
	gathering->used_ms = now_ms;
	if (!done_lately(gather, gathering, now_ms))
		memset(gathering->echo, 0, sizeof gathering->echo);
	list_latest(&list, gather, gathering, now_ms);
	bool again = repeats(&list, symbol);
	put(gather, gathering, symbol, now_ms);

	list_values(&list, gather, gathering, now_ms);
	unsigned values = list.count;
	if (again || values < FRESH_LEAST)
		return 0;
	add_echoes(&list, gather, gathering, now_ms);
	found += try(gather, gathering, &list, KNOCK_SIZE, now_ms, candidates[found]);
	if (values >= CORRECTS)
		found += try(gather, gathering, &list, values, now_ms, candidates[found]);
	if (!has_echo(gathering))
		return found;
	list_latest(&list, gather, gathering, now_ms);
	found += try(gather, gathering, &list, KNOCK_SIZE, now_ms, candidates[found]);
	if (list.count >= CORRECTS)
		found += try(gather, gathering, &list, list.count, now_ms, candidates[found]);
	return found;
}

void gather_done(struct gather *gather, const struct address *source,
		 const uint8_t knock[static KNOCK_SIZE], uint64_t now_ms)
{
	struct gathering *gathering = find(gather, source);
	if (gathering == NULL)
		return;
	memset(gathering->order, 0, sizeof gathering->order);
	memset(gathering->echo, 0, sizeof gathering->echo);
	sequence_encode(gathering->done, gather->positions, knock);
	gathering->done_ms = now_ms;
}
