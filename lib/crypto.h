/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cryptography that the protocol uses, and nothing of it made here: libgcrypt does the work.
 * No other file includes gcrypt.h. Failures other than a forged seal are the library's (no memory,
 * self-test); callers treat them as "refused".
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CRYPTO_KEY = 32,     /* AES-256, HKDF output, HMAC-SHA256 output */
	CRYPTO_SIV_KEY = 64, /* AES-256-SIV: two AES keys */
	CRYPTO_TAG = 16,     /* the synthetic IV */
	CRYPTO_BLOCK = 16
};

/* Where libgcrypt cannot go on, it ends the process by a signal, and says why on standard error only:
 * this is told before, and may end it in another way. Before crypto_start, which may be where. */
void crypto_on_end(void (*told)(const char *why));

/* Once, before anything else, before lockdown (the library opens its random source). 0 or -1. */
int crypto_start(void);

/* From the kernel's generator; never fails once crypto_start has succeeded. */
void crypto_random(void *out, size_t size);

/* HKDF-SHA256 (RFC 5869), extract and expand. salt may be null with size 0: then it is 32 zero
 * bytes, as the RFC says. size up to 255 * 32. 0 or -1. */
int crypto_hkdf(uint8_t *out, size_t size, const uint8_t ikm[static CRYPTO_KEY],
		const uint8_t *salt, size_t salt_size, const char *info);

int crypto_hmac_sha256(uint8_t out[static 32], const uint8_t key[static CRYPTO_KEY],
		       const void *message, size_t size);

/* A key of AES-256 made ready once, for one block at a time (the junk packet's whole cost).
 * crypto_block_new returns null without memory; the caller frees, which wipes; free(null) is fine. */
struct crypto_block;
struct crypto_block *crypto_block_new(const uint8_t key[static CRYPTO_KEY]);
int crypto_block_encrypt(struct crypto_block *block, uint8_t out[static CRYPTO_BLOCK],
			 const uint8_t in[static CRYPTO_BLOCK]);
void crypto_block_free(struct crypto_block *block);

/* AES-256-SIV (RFC 5297) with one string of associated data. seal writes the tag and size sealed
 * bytes; open writes size plain bytes, or wipes them and returns CRYPTO_FORGED where the tag does not
 * hold (compared in constant time), CRYPTO_FAILED where the library could not look. */
enum { CRYPTO_FORGED = -1, CRYPTO_FAILED = -2 };
int crypto_siv_seal(uint8_t tag[static CRYPTO_TAG], uint8_t *sealed,
		    const uint8_t key[static CRYPTO_SIV_KEY], const void *ad, size_t ad_size,
		    const uint8_t *plain, size_t size);
int crypto_siv_open(uint8_t *plain, const uint8_t key[static CRYPTO_SIV_KEY], const void *ad,
		    size_t ad_size, const uint8_t tag[static CRYPTO_TAG], const uint8_t *sealed,
		    size_t size);

bool crypto_equal(const void *a, const void *b, size_t size); /* constant time */
void crypto_wipe(void *secret, size_t size);                  /* the compiler keeps it */

#endif
