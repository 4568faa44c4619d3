/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The port sequence: a knock as the numbers of closed ports. 32 bytes are spread over n ports by a
 * systematic Reed-Solomon code (Reed and Solomon 1960, as evaluations of a polynomial over GF(256),
 * 0x11d), so that any 32 of them give it back in any order, and more than 32 outvote false ones.
 * Pure: who gathers ports, and for how long, is auth's.
 */
#ifndef SEQUENCE_H
#define SEQUENCE_H

#include <stdint.h>

#include "knock.h"
#include "portset.h"

enum {
	SEQUENCE_LEAST = KNOCK_SIZE, /* positions a set of ports must have to be of use */
	SEQUENCE_MOST = 64,
	SEQUENCE_VALUES = 256 /* ports that one position takes */
};

/* What one packet says: byte value at a position of the codeword. */
struct symbol {
	uint8_t position, value;
};

/* How many positions this set gives: 32 to 64; or 0, too few for any sequence. */
unsigned sequence_positions(const struct portset *set);

/* The codeword: its first 32 symbols are the knock. n from sequence_positions. */
void sequence_encode(uint8_t values[static SEQUENCE_MOST], unsigned n,
		     const uint8_t knock[static KNOCK_SIZE]);

/* symbol.position below sequence_positions of the set. */
uint16_t sequence_port(const struct portset *set, struct symbol symbol);
/* 0, or -1: the port stands for no symbol. */
int sequence_symbol(struct symbol *symbol, const struct portset *set, uint16_t port);

/* The knock out of count symbols at positions that differ, 32 to 64 of them, of which at most
 * (count - 32) / 2 are wrong. 0; or -1 where no codeword is that near. With 32 symbols every
 * guess is a codeword: only the knock's tag tells. (Decoder: Gao, "A new algorithm for decoding
 * Reed-Solomon codes", 2003.) */
int sequence_decode(uint8_t knock[static KNOCK_SIZE], const struct symbol *symbols, unsigned count);

#endif
