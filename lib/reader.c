/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reader.h"

#include <string.h>

void reader_start(struct reader *reader, const void *bytes, size_t size)
{
	*reader = (struct reader){.at = bytes, .left = size};
}

/* The next size bytes, or null; from then on there are none. */
static const uint8_t *take(struct reader *reader, size_t size)
{
	const uint8_t *at = reader->at;

	if (size > reader->left) {
		reader->short_of = true;
		reader->left = 0;
		return NULL;
	}
	reader->left -= size;
	if (size > 0) /* at may be null where there is nothing */
		reader->at += size;
	return at;
}

static uint64_t number(struct reader *reader, size_t size)
{
	const uint8_t *at = take(reader, size);
	uint64_t value = 0;

	for (size_t i = 0; at != NULL && i < size; i++)
		value = value << 8 | at[i];
	return value;
}

uint8_t reader_u8(struct reader *reader)
{
	return (uint8_t)number(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
	return (uint16_t)number(reader, 2);
}

uint32_t reader_u32(struct reader *reader)
{
	return (uint32_t)number(reader, 4);
}

uint64_t reader_u48(struct reader *reader)
{
	return number(reader, 6);
}

void reader_bytes(struct reader *reader, void *out, size_t size)
{
	const uint8_t *at = take(reader, size);

	if (size == 0)
		return;
	if (at == NULL)
		memset(out, 0, size);
	else
		memcpy(out, at, size);
}

void reader_skip(struct reader *reader, size_t size)
{
	take(reader, size);
}

void reader_limit(struct reader *reader, size_t size)
{
	if (size > reader->left) {
		reader->short_of = true;
		reader->left = 0;
		return;
	}
	reader->left = size;
}
