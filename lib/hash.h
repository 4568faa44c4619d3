/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A keyed hash (SipHash-2-4) for tables whose entries strangers choose: who does not know the key
 * cannot aim at a slot. Not for anything that must stay secret or unforgeable; that is crypto's.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

/* Random, made once a process (crypto_random). */
struct hash_key {
	uint64_t first, second;
};

uint64_t hash_of(const struct hash_key *key, const void *bytes, size_t size);

#endif
