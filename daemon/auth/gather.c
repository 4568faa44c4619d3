/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "sequence.h"

/* A slot of the table holds this many addresses. */
enum { WAYS = 8 };

/* Tries: what a decoding costs (some 25 us) times these keeps it under a tenth of a processor. */
enum { TRIES_BURST = 1024, TRIES_PER_SECOND = 2048 };

struct gathering {
	struct address source;
	uint64_t used_ms;              /* last arrival; 0: free */
	uint64_t done_ms;              /* when a knock of it was complete; 0: never */
	uint64_t at_ms[SEQUENCE_MOST]; /* arrival of each position's value; 0: none */
	uint64_t order[SEQUENCE_MOST]; /* which of two in one millisecond came later */
	uint8_t value[SEQUENCE_MOST];
	uint8_t done[SEQUENCE_MOST]; /* the symbols of that knock */
};

struct gather {
	struct portset set;
	unsigned positions;
	uint64_t window_ms;
	struct crypto_block *hash;
	size_t slots; /* a power of two, WAYS gatherings each */
	struct gathering *table;
	uint64_t budget, refilled_ms;
	uint64_t arrivals;
	struct gather_counts counts;
};

struct gather *gather_new(const struct portset *set, uint32_t window_s, uint32_t sources)
{
	uint8_t key[CRYPTO_KEY];
	struct gather *gather = calloc(1, sizeof *gather);
	if (gather == NULL)
		return NULL;
	gather->set = *set;
	gather->positions = sequence_positions(set);
	gather->window_ms = (uint64_t)window_s * 1000;
	gather->budget = TRIES_BURST;
	for (gather->slots = 1; gather->slots * WAYS < sources;)
		gather->slots *= 2;
	crypto_random(key, sizeof key);
	gather->hash = crypto_block_new(key);
	crypto_wipe(key, sizeof key);
	gather->table = calloc(gather->slots * WAYS, sizeof *gather->table);
	if (gather->positions == 0 || gather->hash == NULL || gather->table == NULL) {
		gather_free(gather);
		return NULL;
	}
	return gather;
}

void gather_free(struct gather *gather)
{
	if (gather == NULL)
		return;
	crypto_block_free(gather->hash);
	free(gather->table);
	free(gather);
}

const struct gather_counts *gather_counts(const struct gather *gather)
{
	return &gather->counts;
}

/* A block cipher under a key of this run: nobody can choose addresses that share a slot. */
static struct gathering *slot_of(struct gather *gather, const struct address *source)
{
	uint8_t block[CRYPTO_BLOCK];
	size_t slot = 0;
	if (crypto_block_encrypt(gather->hash, block, source->bytes) == 0)
		memcpy(&slot, block, sizeof slot);
	return &gather->table[(slot & (gather->slots - 1)) * WAYS];
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
	uint64_t at_ms = gathering->at_ms[position];
	return at_ms != 0 && at_ms + gather->window_ms > now_ms;
}

static unsigned count_standing(const struct gather *gather, const struct gathering *gathering,
			       uint64_t now_ms)
{
	unsigned count = 0;
	for (unsigned i = 0; i < gather->positions; i++)
		count += stands(gather, gathering, i, now_ms);
	return count;
}

/* The symbols that stand, the latest first. */
static void list_standing(struct symbol symbols[static SEQUENCE_MOST], const struct gather *gather,
			  const struct gathering *gathering, uint64_t now_ms)
{
	unsigned count = 0;
	for (unsigned i = 0; i < gather->positions; i++) {
		if (!stands(gather, gathering, i, now_ms))
			continue;
		unsigned place = count++;
		for (; place > 0; place--) {
			struct symbol later = symbols[place - 1];
			if (gathering->order[later.position] > gathering->order[i])
				break;
			symbols[place] = later;
		}
		symbols[place] =
		    (struct symbol){.position = (uint8_t)i, .value = gathering->value[i]};
	}
}

unsigned gather_touch(struct gather *gather, const struct address *source, uint16_t port,
		      uint64_t now_ms, uint8_t candidates[static GATHER_CANDIDATES][KNOCK_SIZE])
{
	struct symbol symbol, symbols[SEQUENCE_MOST];
	if (sequence_symbol(&symbol, &gather->set, port) != 0)
		return 0;
	struct gathering *gathering = claim(gather, source, now_ms);
	gathering->used_ms = now_ms;
	if (left_over(gather, gathering, symbol, now_ms))
		return 0;
	gather->counts.symbols++;
	gathering->at_ms[symbol.position] = now_ms;
	gathering->order[symbol.position] = ++gather->arrivals;
	gathering->value[symbol.position] = symbol.value;

	unsigned found = 0, count = count_standing(gather, gathering, now_ms);
	if (count < KNOCK_SIZE)
		return 0;
	list_standing(symbols, gather, gathering, now_ms);
	if (pay(gather, now_ms) && sequence_decode(candidates[found], symbols, KNOCK_SIZE) == 0)
		found++;
	if (count > KNOCK_SIZE + 1 && pay(gather, now_ms) &&
	    sequence_decode(candidates[found], symbols, count) == 0)
		found++;
	if (found == 2 && memcmp(candidates[0], candidates[1], KNOCK_SIZE) == 0)
		found--;
	return found;
}

void gather_done(struct gather *gather, const struct address *source,
		 const uint8_t knock[static KNOCK_SIZE], uint64_t now_ms)
{
	struct gathering *gathering = find(gather, source);
	if (gathering == NULL)
		return;
	memset(gathering->at_ms, 0, sizeof gathering->at_ms);
	sequence_encode(gathering->done, gather->positions, knock);
	gathering->done_ms = now_ms;
}
