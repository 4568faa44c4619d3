/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The knock. First: any 32 bytes from any source give an id, and what opens is what its owner would
 * have sealed, byte for byte. Then a request of the input's choosing is sealed, and opens for its
 * source, its id and its key alone. Input: knock (32), source (16), request (13), what to spoil (2).
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "knock.h"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The secrets of tests/vectors/knock-v1.json's "bound-v4", so that a corpus can hold its knock. */
static const uint8_t server[CRYPTO_KEY] = {
    0x7f, 0x40, 0x9b, 0x1b, 0x32, 0x11, 0xc3, 0x74, 0x99, 0xc9, 0x61, 0x9f, 0x42, 0xae, 0x0d, 0x2a,
    0xbd, 0xee, 0x65, 0x2e, 0xbd, 0xc1, 0xaf, 0x05, 0x02, 0xd6, 0xb5, 0x39, 0xa6, 0x70, 0x43, 0x06};
static const struct identity who = {
    .id = 1, .key = {0x81, 0x74, 0x09, 0x96, 0x87, 0xa2, 0x66, 0x21, 0xf4, 0xe2, 0xcd,
		     0xd7, 0xcc, 0x03, 0xb3, 0xda, 0xce, 0xdb, 0x3f, 0xb9, 0x62, 0x25,
		     0x5b, 0x1a, 0xaf, 0xd0, 0x33, 0xca, 0xbe, 0x83, 0x15, 0x30}};

static struct crypto_block *mask;

static void start(void)
{
	if (mask != NULL)
		return;
	assert(crypto_start() == 0);
	mask = knock_mask(server);
	assert(mask != NULL);
}

static bool is_zero(const struct address *source)
{
	static const struct address nowhere;

	return address_equal(source, &nowhere);
}

static bool same_request(const struct request *a, const struct request *b)
{
	return a->time_ms == b->time_ms && a->action == b->action && a->proto == b->proto &&
	       a->port == b->port && a->seconds == b->seconds;
}

/* Somebody's 32 bytes. */
static void open_any(const uint8_t knock[static KNOCK_SIZE], const struct address *source)
{
	uint8_t again[KNOCK_SIZE];
	struct request request;
	bool bound;
	uint32_t id = knock_id(mask, knock);

	if (knock_open(&request, &bound, server, &who, knock, source) != 0)
		return;
	assert(request.time_ms < UINT64_C(1) << 48);
	knock_well_formed(&request);
	assert(knock_seal(again, server, &who, &request, bound ? source : NULL) == 0);
	/* The masked id is outside of the seal: it decides whose key is tried at all. */
	assert(memcmp(again, knock, 16) == 0 && memcmp(again + 20, knock + 20, 12) == 0);
	assert((memcmp(again + 16, knock + 16, 4) == 0) == (id == who.id));
}

static void spoiled(const uint8_t good[static KNOCK_SIZE], unsigned bit,
		    const struct address *source)
{
	uint8_t knock[KNOCK_SIZE];
	struct request request;
	bool bound;

	memcpy(knock, good, sizeof knock);
	knock[bit / 8] ^= (uint8_t)(1U << bit % 8);
	if (bit / 8 >= 16 && bit / 8 < 20)
		assert(knock_id(mask, knock) != who.id);
	else
		assert(knock_open(&request, &bound, server, &who, knock, source) != 0);
}

static void round_trip(const struct request *request, bool bind, const struct address *source,
		       unsigned bit)
{
	struct address other = *source;
	struct request opened;
	uint8_t knock[KNOCK_SIZE];
	bool bound;

	assert(knock_seal(knock, server, &who, request, bind ? source : NULL) == 0);
	assert(knock_id(mask, knock) == who.id);
	assert(knock_open(&opened, &bound, server, &who, knock, source) == 0);
	assert(bound == (bind && !is_zero(source)));
	assert(same_request(request, &opened));
	assert(knock_well_formed(request) == knock_well_formed(&opened));
	spoiled(knock, bit % (8 * KNOCK_SIZE), source);

	other.bytes[bit % 16] ^= 1;
	int result = knock_open(&opened, &bound, server, &who, knock, &other);
	assert(result == (bind && !is_zero(source) ? -1 : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader reader;
	struct address source;
	struct request request;
	uint8_t knock[KNOCK_SIZE];

	start();
	reader_start(&reader, data, size);
	reader_bytes(&reader, knock, sizeof knock);
	reader_bytes(&reader, source.bytes, sizeof source.bytes);
	open_any(knock, &source);

	request.time_ms = reader_u48(&reader);
	request.action = reader_u8(&reader);
	request.proto = reader_u8(&reader);
	request.port = reader_u16(&reader);
	request.seconds = reader_u16(&reader);
	bool bind = reader_u8(&reader) % 2 != 0;
	round_trip(&request, bind, &source, reader_u16(&reader));
	return 0;
}
