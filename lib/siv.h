/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES-SIV (RFC 5297) with one string of associated data, made of libgcrypt's CMAC and CTR, for
 * libgcrypt before 1.10, which has no SIV of its own. crypto_siv_seal and crypto_siv_open are what
 * to call; they come here where they must. Always built, so that a test can hold the two together.
 */
#ifndef SIV_H
#define SIV_H

#include <stddef.h>
#include <stdint.h>

/* key_size 32, 48 or 64: two AES keys of half that, the CMAC's first. Otherwise as in crypto.h. */
int siv_seal(uint8_t tag[static 16], uint8_t *sealed, const uint8_t *key, size_t key_size,
	     const void *ad, size_t ad_size, const uint8_t *plain, size_t size);
int siv_open(uint8_t *plain, const uint8_t *key, size_t key_size, const void *ad, size_t ad_size,
	     const uint8_t tag[static 16], const uint8_t *sealed, size_t size);

#endif
