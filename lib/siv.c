/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "siv.h"

#include <gcrypt.h>
#include <stdbool.h>
#include <string.h>

#include "crypto.h"

enum { BLOCK = 16 };

static void xor_block(uint8_t *to, const uint8_t *with)
{
	for (size_t i = 0; i < BLOCK; i++)
		to[i] = (uint8_t)(to[i] ^ with[i]);
}

/* RFC 5297, 2.3: multiplication by x in GF(2^128), without a branch on secret bits. */
static void dbl(uint8_t block[static BLOCK])
{
	int carry = block[0] >> 7;

	for (size_t i = 0; i + 1 < BLOCK; i++)
		block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
	block[BLOCK - 1] = (uint8_t)(block[BLOCK - 1] << 1);
	block[BLOCK - 1] = (uint8_t)(block[BLOCK - 1] ^ (0x87 & -carry));
}

/* CMAC of two pieces, one after the other; either may be empty. */
static int cmac(gcry_mac_hd_t mac, uint8_t out[static BLOCK], const void *first, size_t first_size,
		const void *second, size_t second_size)
{
	size_t size = BLOCK;

	if (gcry_mac_reset(mac) != 0)
		return -1;
	if (first_size > 0 && gcry_mac_write(mac, first, first_size) != 0)
		return -1;
	if (second_size > 0 && gcry_mac_write(mac, second, second_size) != 0)
		return -1;
	return gcry_mac_read(mac, out, &size) == 0 && size == BLOCK ? 0 : -1;
}

/* The end of S2V, with d what the associated data made: the plain text is xored onto its own end,
 * or padded where it is shorter than a block. */
static int s2v_end(gcry_mac_hd_t mac, uint8_t tag[static BLOCK], uint8_t d[static BLOCK],
		   const uint8_t *plain, size_t size)
{
	if (size >= BLOCK) {
		xor_block(d, plain + size - BLOCK);
		return cmac(mac, tag, plain, size - BLOCK, d, BLOCK);
	}
	uint8_t padded[BLOCK] = {0};
	if (size > 0)
		memcpy(padded, plain, size);
	padded[size] = 0x80;
	dbl(d);
	xor_block(d, padded);
	crypto_wipe(padded, sizeof padded);
	return cmac(mac, tag, d, BLOCK, NULL, 0);
}

/* RFC 5297, 2.4, for the two strings ad and plain. */
static int s2v(uint8_t tag[static BLOCK], const uint8_t *key, size_t key_size, const void *ad,
	       size_t ad_size, const uint8_t *plain, size_t size)
{
	static const uint8_t zero[BLOCK];
	uint8_t d[BLOCK], of_ad[BLOCK];
	gcry_mac_hd_t mac;
	int result = -1;

	if (gcry_mac_open(&mac, GCRY_MAC_CMAC_AES, 0, NULL) != 0)
		return -1;
	if (gcry_mac_setkey(mac, key, key_size) != 0)
		goto out;
	if (cmac(mac, d, zero, BLOCK, NULL, 0) != 0 || cmac(mac, of_ad, ad, ad_size, NULL, 0) != 0)
		goto out;
	dbl(d);
	xor_block(d, of_ad);
	result = s2v_end(mac, tag, d, plain, size);
out:
	gcry_mac_close(mac);
	crypto_wipe(d, sizeof d);
	crypto_wipe(of_ad, sizeof of_ad);
	return result;
}

static int algorithm(size_t key_size)
{
	switch (key_size) {
	case 16:
		return GCRY_CIPHER_AES128;
	case 24:
		return GCRY_CIPHER_AES192;
	case 32:
		return GCRY_CIPHER_AES256;
	default:
		return GCRY_CIPHER_NONE;
	}
}

/* RFC 5297, 2.5: the counter begins at the tag, with the top bits of its last two words cleared.
 * CTR is its own inverse. */
static int ctr(uint8_t *out, const uint8_t *key, size_t key_size, const uint8_t tag[static BLOCK],
	       const uint8_t *in, size_t size)
{
	uint8_t counter[BLOCK];
	gcry_cipher_hd_t cipher;
	int result = -1;

	if (size == 0)
		return 0;
	if (gcry_cipher_open(&cipher, algorithm(key_size), GCRY_CIPHER_MODE_CTR, 0) != 0)
		return -1;
	memcpy(counter, tag, BLOCK);
	counter[8] &= 0x7f;
	counter[12] &= 0x7f;
	if (gcry_cipher_setkey(cipher, key, key_size) == 0 &&
	    gcry_cipher_setctr(cipher, counter, BLOCK) == 0 &&
	    gcry_cipher_encrypt(cipher, out, size, in, size) == 0)
		result = 0;
	gcry_cipher_close(cipher);
	return result;
}

static bool key_size_valid(size_t key_size)
{
	return key_size % 2 == 0 && algorithm(key_size / 2) != GCRY_CIPHER_NONE;
}

int siv_seal(uint8_t tag[static 16], uint8_t *sealed, const uint8_t *key, size_t key_size,
	     const void *ad, size_t ad_size, const uint8_t *plain, size_t size)
{
	size_t half = key_size / 2;

	if (!key_size_valid(key_size) || s2v(tag, key, half, ad, ad_size, plain, size) != 0)
		return -1;
	return ctr(sealed, key + half, half, tag, plain, size);
}

int siv_open(uint8_t *plain, const uint8_t *key, size_t key_size, const void *ad, size_t ad_size,
	     const uint8_t tag[static 16], const uint8_t *sealed, size_t size)
{
	uint8_t expected[BLOCK];
	size_t half = key_size / 2;
	int result = CRYPTO_FAILED;

	if (!key_size_valid(key_size))
		return result;
	if (ctr(plain, key + half, half, tag, sealed, size) == 0 &&
	    s2v(expected, key, half, ad, ad_size, plain, size) == 0)
		result = crypto_equal(expected, tag, BLOCK) ? 0 : CRYPTO_FORGED;
	if (result != 0)
		crypto_wipe(plain, size);
	crypto_wipe(expected, sizeof expected);
	return result;
}
