/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"
#include "siv.h"

enum { MOST = 64 };

static int setup(void **state)
{
	(void)state;
	return crypto_start();
}

/* RFC 5297, A.1. */
static const uint8_t rfc_key[32] = {
    0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0xf7, 0xf6, 0xf5, 0xf4, 0xf3, 0xf2, 0xf1, 0xf0,
    0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff};
static const uint8_t rfc_ad[24] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
				   0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f,
				   0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27};
static const uint8_t rfc_plain[14] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
				      0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee};
static const uint8_t rfc_tag[16] = {0x85, 0x63, 0x2d, 0x07, 0xc6, 0xe8, 0xf3, 0x7f,
				    0x95, 0x0a, 0xcd, 0x32, 0x0a, 0x2e, 0xcc, 0x93};
static const uint8_t rfc_sealed[14] = {0x40, 0xc0, 0x2b, 0x96, 0x90, 0xc4, 0xdc,
				       0x04, 0xda, 0xef, 0x7f, 0x6a, 0xfe, 0x5c};

static void rfc5297_a1(void **state)
{
	uint8_t tag[16], out[14];

	(void)state;
	assert_int_equal(siv_seal(tag, out, rfc_key, 32, rfc_ad, 24, rfc_plain, 14), 0);
	assert_memory_equal(tag, rfc_tag, 16);
	assert_memory_equal(out, rfc_sealed, 14);
	assert_int_equal(siv_open(out, rfc_key, 32, rfc_ad, 24, rfc_tag, rfc_sealed, 14), 0);
	assert_memory_equal(out, rfc_plain, 14);
}

struct sample {
	uint8_t key[64], ad[MOST], plain[MOST], tag[16], sealed[MOST];
	size_t ad_size, size;
};

static struct sample sample_of(size_t ad_size, size_t size)
{
	struct sample s = {.ad_size = ad_size, .size = size};

	crypto_random(s.key, sizeof s.key);
	crypto_random(s.ad, sizeof s.ad);
	crypto_random(s.plain, sizeof s.plain);
	assert_int_equal(siv_seal(s.tag, s.sealed, s.key, 64, s.ad, ad_size, s.plain, size), 0);
	return s;
}

/* Where libgcrypt has SIV, crypto_siv is libgcrypt's: two makers, one result. */
static void agrees_with_crypto_siv_at_all_lengths(void **state)
{
	uint8_t tag[16], out[MOST];

	(void)state;
	for (size_t ad_size = 0; ad_size <= MOST; ad_size++) {
		for (size_t size = 0; size <= MOST; size++) {
			struct sample s = sample_of(ad_size, size);
			assert_int_equal(
			    crypto_siv_seal(tag, out, s.key, s.ad, ad_size, s.plain, size), 0);
			assert_memory_equal(tag, s.tag, sizeof tag);
			assert_memory_equal(out, s.sealed, size);
			assert_int_equal(
			    siv_open(out, s.key, 64, s.ad, ad_size, tag, s.sealed, size), 0);
			assert_memory_equal(out, s.plain, size);
			assert_int_equal(
			    crypto_siv_open(out, s.key, s.ad, ad_size, tag, s.sealed, size), 0);
			assert_memory_equal(out, s.plain, size);
		}
	}
}

/* Both makers refuse, and leave nothing of the plain text. */
static void assert_refused(const struct sample *s)
{
	static const uint8_t zero[MOST];
	uint8_t out[MOST];

	memset(out, 0xff, sizeof out);
	assert_int_equal(siv_open(out, s->key, 64, s->ad, s->ad_size, s->tag, s->sealed, s->size),
			 CRYPTO_FORGED);
	assert_memory_equal(out, zero, s->size);
	memset(out, 0xff, sizeof out);
	assert_int_equal(
	    crypto_siv_open(out, s->key, s->ad, s->ad_size, s->tag, s->sealed, s->size),
	    CRYPTO_FORGED);
	assert_memory_equal(out, zero, s->size);
}

static void any_changed_bit_is_refused_and_wiped(void **state)
{
	static const size_t sizes[] = {0, 1, 12, 15, 16, 17, 33};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct sample good = sample_of(20, sizes[i]);
		for (size_t bit = 0; bit < 8 * (16 + good.size + good.ad_size); bit++) {
			struct sample bad = good;
			size_t at = bit / 8;
			uint8_t *byte = at < 16               ? &bad.tag[at]
					: at < 16 + good.size ? &bad.sealed[at - 16]
							      : &bad.ad[at - 16 - good.size];
			*byte ^= (uint8_t)(1U << bit % 8);
			assert_refused(&bad);
		}
	}
}

static void key_sizes_that_aes_lacks_are_refused(void **state)
{
	struct sample s = sample_of(20, 12);
	uint8_t tag[16], out[MOST];

	(void)state;
	for (size_t size = 0; size <= 64; size++) {
		int expected = size == 32 || size == 48 || size == 64 ? 0 : -1;
		assert_int_equal(siv_seal(tag, out, s.key, size, s.ad, 20, s.plain, 12), expected);
		if (expected != 0)
			assert_int_equal(siv_open(out, s.key, size, s.ad, 20, s.tag, s.sealed, 12),
					 CRYPTO_FAILED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc5297_a1),
	    cmocka_unit_test(agrees_with_crypto_siv_at_all_lengths),
	    cmocka_unit_test(any_changed_bit_is_refused_and_wiped),
	    cmocka_unit_test(key_sizes_that_aes_lacks_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
