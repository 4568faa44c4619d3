/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "knock.h"

#include <string.h>

#include "door.h"
#include "reader.h"

enum { ID = 4, REQUEST = 12, AD = ID + 16 };

/* The parts of a knock: tag, masked id, sealed request. */
enum { AT_ID = CRYPTO_TAG, AT_SEALED = CRYPTO_TAG + ID };

static const struct address nowhere; /* what stands for "no address is bound in" */

static void put(uint8_t *out, uint64_t value, unsigned size)
{
	while (size-- > 0) {
		out[size] = (uint8_t)value;
		value >>= 8;
	}
}

static uint32_t get_id(const uint8_t in[static ID])
{
	struct reader reader;

	reader_start(&reader, in, ID);
	return reader_u32(&reader);
}

static void write_request(uint8_t out[static REQUEST], const struct request *request)
{
	put(out, request->time_ms, 6);
	out[6] = request->action;
	out[7] = request->proto;
	put(out + 8, request->port, 2);
	put(out + 10, request->seconds, 2);
}

static void read_request(struct request *request, const uint8_t in[static REQUEST])
{
	struct reader reader;

	reader_start(&reader, in, REQUEST);
	request->time_ms = reader_u48(&reader);
	request->action = reader_u8(&reader);
	request->proto = reader_u8(&reader);
	request->port = reader_u16(&reader);
	request->seconds = reader_u16(&reader);
}

static void write_ad(uint8_t out[static AD], uint32_t id, const struct address *source)
{
	put(out, id, ID);
	memcpy(out + ID, source->bytes, sizeof source->bytes);
}

static int siv_key(uint8_t out[static CRYPTO_SIV_KEY], const uint8_t server[static CRYPTO_KEY],
		   const struct identity *who)
{
	return crypto_hkdf(out, CRYPTO_SIV_KEY, who->key, server, CRYPTO_KEY, "postern-v1 siv");
}

/* What the tag makes of the id: 32 bits to xor it with. */
static int mask_bits(uint32_t *bits, struct crypto_block *mask,
		     const uint8_t tag[static CRYPTO_TAG])
{
	uint8_t out[CRYPTO_BLOCK];

	if (crypto_block_encrypt(mask, out, tag) != 0)
		return -1;
	*bits = get_id(out);
	return 0;
}

struct crypto_block *knock_mask(const uint8_t server[static CRYPTO_KEY])
{
	uint8_t key[CRYPTO_KEY];
	struct crypto_block *mask = NULL;

	if (crypto_hkdf(key, sizeof key, server, NULL, 0, "postern-v1 mask") == 0)
		mask = crypto_block_new(key);
	crypto_wipe(key, sizeof key);
	return mask;
}

uint32_t knock_id(struct crypto_block *mask, const uint8_t knock[static KNOCK_SIZE])
{
	uint32_t bits;

	if (mask_bits(&bits, mask, knock) != 0)
		return 0;
	return get_id(knock + AT_ID) ^ bits;
}

static int mask_id(uint8_t knock[static KNOCK_SIZE], const uint8_t server[static CRYPTO_KEY],
		   uint32_t id)
{
	struct crypto_block *mask = knock_mask(server);
	uint32_t bits;

	if (mask == NULL)
		return -1;
	int result = mask_bits(&bits, mask, knock);
	if (result == 0)
		put(knock + AT_ID, id ^ bits, ID);
	crypto_block_free(mask);
	return result;
}

int knock_seal(uint8_t knock[static KNOCK_SIZE], const uint8_t server[static CRYPTO_KEY],
	       const struct identity *who, const struct request *request,
	       const struct address *source)
{
	uint8_t key[CRYPTO_SIV_KEY], ad[AD], plain[REQUEST];
	int result = -1;

	write_request(plain, request);
	write_ad(ad, who->id, source != NULL ? source : &nowhere);
	if (siv_key(key, server, who) == 0 &&
	    crypto_siv_seal(knock, knock + AT_SEALED, key, ad, AD, plain, REQUEST) == 0)
		result = mask_id(knock, server, who->id);
	crypto_wipe(key, sizeof key);
	return result;
}

static int open_with(struct request *request, const uint8_t key[static CRYPTO_SIV_KEY], uint32_t id,
		     const uint8_t knock[static KNOCK_SIZE], const struct address *source)
{
	uint8_t ad[AD], plain[REQUEST];

	write_ad(ad, id, source);
	int result = crypto_siv_open(plain, key, ad, AD, knock, knock + AT_SEALED, REQUEST);
	if (result == 0)
		read_request(request, plain);
	return result;
}

int knock_open(struct request *request, bool *bound, const uint8_t server[static CRYPTO_KEY],
	       const struct identity *who, const uint8_t knock[static KNOCK_SIZE],
	       const struct address *source)
{
	uint8_t key[CRYPTO_SIV_KEY];
	int result = CRYPTO_FAILED;

	if (siv_key(key, server, who) == 0) {
		/* A source of all zeros (nobody's) binds nothing. */
		result = address_equal(source, &nowhere)
			     ? CRYPTO_FORGED
			     : open_with(request, key, who->id, knock, source);
		*bound = result == 0;
		if (result == CRYPTO_FORGED)
			result = open_with(request, key, who->id, knock, &nowhere);
	}
	crypto_wipe(key, sizeof key);
	return result;
}

static bool door_well_formed(const struct request *request)
{
	if (request->proto == 0)
		return request->port == 0;
	return request->port != 0 && door_proto_known(request->proto);
}

/* seconds mean something for open only; elsewhere any value is taken and none is read. */
bool knock_well_formed(const struct request *request)
{
	switch (request->action) {
	case KNOCK_OPEN:
	case KNOCK_CLOSE:
		return door_well_formed(request);
	case KNOCK_TRIGGER:
		return request->proto == 0 && request->port != 0;
	default:
		return false;
	}
}
