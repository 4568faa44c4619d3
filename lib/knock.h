/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The knock: 32 bytes that are a sealed request, and look random to anyone without the server's
 * secret. Seal, whose is it, open. doc/protocol.md is the format; this is all the code there is
 * for it. Nothing here judges: time, replay and policy are accept's.
 */
#ifndef KNOCK_H
#define KNOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "crypto.h"

enum { KNOCK_SIZE = 32, KNOCK_TRAILER = 224 }; /* at most so many random bytes follow in a packet */

enum knock_action { KNOCK_OPEN = 0, KNOCK_CLOSE = 1, KNOCK_TRIGGER = 2 };

struct request {
	uint64_t time_ms; /* since 1970 UTC, 48 bits */
	uint8_t action;   /* enum knock_action; other values are possible in a hostile one */
	uint8_t proto;    /* IANA number; 0 with port 0 = all that the key is entitled to */
	uint16_t port;    /* for a trigger: its number */
	uint16_t seconds; /* 0 = the server's default */
};

/* Who knocks: what the server and one client share. */
struct identity {
	uint32_t id; /* never 0 */
	uint8_t key[CRYPTO_KEY];
};

/* source null makes an unbound knock. 0, or -1 where the library fails. */
int knock_seal(uint8_t knock[static KNOCK_SIZE], const uint8_t server[static CRYPTO_KEY],
	       const struct identity *who, const struct request *request,
	       const struct address *source);

/* The AES key that masks ids, ready for use; free with crypto_block_free. Null without memory. */
struct crypto_block *knock_mask(const uint8_t server[static CRYPTO_KEY]);

/* The id that this knock claims to be of; any 32 bytes give one. One AES block. 0 on failure,
 * which is nobody's id. */
uint32_t knock_id(struct crypto_block *mask, const uint8_t knock[static KNOCK_SIZE]);

/* Tries the observed source, then none (unbound). 0; or CRYPTO_FORGED: the tag holds for neither; or
 * CRYPTO_FAILED: nobody could look. */
int knock_open(struct request *request, bool *bound, const uint8_t server[static CRYPTO_KEY],
	       const struct identity *who, const uint8_t knock[static KNOCK_SIZE],
	       const struct address *source);

/* Are the fields as the protocol allows them together? */
bool knock_well_formed(const struct request *request);

#endif
