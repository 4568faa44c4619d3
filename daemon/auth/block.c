/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "block.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"

/* By address. Those that are over stay until a new one comes. */
static struct rows_block blocks[ROWS_BLOCKS];
static size_t count;

static int compare(const void *a, const void *b)
{
	return memcmp(&((const struct rows_block *)a)->address,
		      &((const struct rows_block *)b)->address, sizeof(struct address));
}

void block_start(const struct rows_loaded *loaded)
{
	count = loaded->n_blocks;
	if (count > 0)
		memcpy(blocks, loaded->blocks, count * sizeof *blocks);
	qsort(blocks, count, sizeof *blocks, compare);
}

/* The place of the first that is not less than this address. */
static size_t place_of(const struct address *address)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (memcmp(&blocks[middle].address, address, sizeof *address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_over(const struct rows_block *block, const struct now *now)
{
	return block->until_ms != 0 && block->until_ms <= now->wall_ms;
}

static struct rows_block *find(const struct address *address)
{
	size_t place = place_of(address);

	return place < count && address_equal(&blocks[place].address, address) ? &blocks[place]
									       : NULL;
}

static void remove_at(size_t place)
{
	struct rows_block lifted = blocks[place];

	lifted.lifted = true;
	store_put_block(&lifted);
	count--;
	memmove(&blocks[place], &blocks[place + 1], (count - place) * sizeof *blocks);
}

static void remove_those_over(const struct now *now)
{
	for (size_t i = count; i-- > 0;)
		if (is_over(&blocks[i], now))
			remove_at(i);
}

bool block_put(const struct address *address, uint64_t until_ms, const struct now *now)
{
	remove_those_over(now);
	struct rows_block *block = find(address);
	if (block == NULL) {
		if (count == ROWS_BLOCKS)
			return false;
		size_t place = place_of(address);
		block = &blocks[place];
		memmove(block + 1, block, (count++ - place) * sizeof *blocks);
	}
	*block = (struct rows_block){.address = *address, .until_ms = until_ms};
	store_put_block(block);
	return true;
}

bool block_lift(const struct address *address, const struct now *now)
{
	struct rows_block *block = find(address);

	if (block == NULL)
		return false;
	bool was = !is_over(block, now);
	remove_at((size_t)(block - blocks));
	return was;
}

bool block_has(const struct address *address, const struct now *now)
{
	const struct rows_block *block = find(address);

	return block != NULL && !is_over(block, now);
}

const struct rows_block *block_after(const struct address *address, const struct now *now)
{
	size_t place = address == NULL ? 0 : place_of(address);

	if (place < count && address != NULL && address_equal(&blocks[place].address, address))
		place++;
	while (place < count && is_over(&blocks[place], now))
		place++;
	return place < count ? &blocks[place] : NULL;
}

size_t block_count(const struct now *now)
{
	size_t living = 0;

	for (size_t i = 0; i < count; i++)
		living += !is_over(&blocks[i], now);
	return living;
}
