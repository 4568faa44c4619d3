/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bounded reading of hostile bytes: a place, what is left, and a sticky mark that it was too
 * short. A parser reads what it needs and looks at the mark once; after a short read all values
 * are zero. Numbers are big-endian, as on the wire.
 */
#ifndef READER_H
#define READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *at;
	size_t left;
	bool short_of; /* somebody asked for more than there was */
};

void reader_start(struct reader *reader, const void *bytes, size_t size);
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u48(struct reader *reader);
void reader_bytes(struct reader *reader, void *out, size_t size);
void reader_skip(struct reader *reader, size_t size);
/* Forgets what lies beyond the next size bytes (a total length that a header names, say);
 * more than there is counts as short. */
void reader_limit(struct reader *reader, size_t size);

#endif
