/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recent.h"

#include <string.h>

#include "crypto.h"
#include "hash.h"

enum { SETS = 1024, WAYS = 4 };

struct copy {
	uint8_t knock[KNOCK_SIZE];
	struct address source;
	uint64_t at_ms; /* 0: empty */
};

static struct hash_key secret;
static struct copy table[SETS][WAYS];
static uint64_t window_ms;

void recent_start(uint32_t window_s)
{
	memset(table, 0, sizeof table);
	crypto_random(&secret, sizeof secret);
	window_ms = (uint64_t)window_s * 1000;
}

static struct copy *set_of(const uint8_t knock[static KNOCK_SIZE])
{
	return table[hash_of(&secret, knock, KNOCK_SIZE) % SETS];
}

void recent_add(const uint8_t knock[static KNOCK_SIZE], const struct address *source,
		uint64_t boot_ms)
{
	struct copy *set = set_of(knock), *oldest = set;

	for (int i = 1; i < WAYS; i++)
		if (set[i].at_ms < oldest->at_ms)
			oldest = &set[i];
	memcpy(oldest->knock, knock, KNOCK_SIZE);
	oldest->source = *source;
	oldest->at_ms = boot_ms + 1; /* never 0 */
}

bool recent_has(const uint8_t knock[static KNOCK_SIZE], const struct address *source,
		uint64_t boot_ms)
{
	const struct copy *set = set_of(knock);

	for (int i = 0; i < WAYS; i++)
		if (set[i].at_ms != 0 && boot_ms < set[i].at_ms + window_ms &&
		    memcmp(set[i].knock, knock, KNOCK_SIZE) == 0 &&
		    address_equal(&set[i].source, source))
			return true;
	return false;
}
