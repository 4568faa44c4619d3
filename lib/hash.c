/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hash.h"

#include <endian.h>
#include <string.h>

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012: two rounds a word, four at the
 * end. */

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotated(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void rounds(struct state *s, int count)
{
	while (count-- > 0) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotated(s->v1, 13) ^ s->v0;
		s->v3 = rotated(s->v3, 16) ^ s->v2;
		s->v0 = rotated(s->v0, 32) + s->v3;
		s->v2 += s->v1;
		s->v3 = rotated(s->v3, 21) ^ s->v0;
		s->v1 = rotated(s->v1, 17) ^ s->v2;
		s->v2 = rotated(s->v2, 32);
	}
}

static void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

/* Up to eight bytes, the first the least. */
static uint64_t word_at(const uint8_t *bytes, size_t size)
{
	uint64_t word = 0;

	for (size_t i = 0; i < size; i++)
		word |= (uint64_t)bytes[i] << (8 * i);
	return word;
}

static uint64_t whole_word(const uint8_t *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return le64toh(word);
}

uint64_t hash_of(const struct hash_key *key, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	size_t left = size;
	struct state s = {
	    key->first ^ 0x736f6d6570736575u,
	    key->second ^ 0x646f72616e646f6du,
	    key->first ^ 0x6c7967656e657261u,
	    key->second ^ 0x7465646279746573u,
	};

	for (; left >= 8; at += 8, left -= 8)
		absorb(&s, whole_word(at));
	absorb(&s, word_at(at, left) | (uint64_t)size << 56);
	s.v2 ^= 0xff;
	rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
