/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto.h"

static int setup(void **state)
{
	(void)state;
	return crypto_start();
}

static void start_may_be_called_again(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), 0);
}

static void assert_hex(const uint8_t *bytes, size_t size, const char *hex)
{
	static const char digits[] = "0123456789abcdef";

	assert_int_equal(strlen(hex), 2 * size);
	for (size_t i = 0; i < size; i++) {
		assert_int_equal(hex[2 * i], digits[bytes[i] >> 4]);
		assert_int_equal(hex[2 * i + 1], digits[bytes[i] & 15]);
	}
}

/* 00 01 02 … 1f */
static const uint8_t counting[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
				     11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
				     22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

/* The RFCs' own samples (4231, 5869) have keys of other sizes than ours; the protocol's vectors
 * (test-knock) and these were made with another implementation, Python's hmac and hashlib. */
static void hmac_sha256(void **state)
{
	uint8_t out[32];

	(void)state;
	assert_int_equal(crypto_hmac_sha256(out, counting, "", 0), 0);
	assert_hex(out, 32, "d38b42096d80f45f826b44a9d5607de72496a415d3f4a1a8c88e3bb9da8dc1cb");
	assert_int_equal(crypto_hmac_sha256(out, counting, "postern", 7), 0);
	assert_hex(out, 32, "d28dd08b09589f0a68e8bcd7e0662a51ecbe8146dd80e5aeb69cd93824b7c6aa");
}

static void hkdf_without_salt_or_info(void **state)
{
	uint8_t out[42];

	(void)state;
	assert_int_equal(crypto_hkdf(out, sizeof out, counting, NULL, 0, ""), 0);
	assert_hex(out, sizeof out,
		   "37ad29109f43265287804b674e2653d0a513718907f97fca97c95bded8104bbf"
		   "9601b7e7a7d5a882b151");
}

static void hkdf_of_the_greatest_size_and_one_more(void **state)
{
	static uint8_t out[255 * 32 + 1];
	static const uint8_t zero[sizeof out];
	/* In FIPS mode libgcrypt takes no key of HMAC that is shorter than 14 bytes. */
	static const uint8_t salt[18] = "a salt of 18 bytes";

	(void)state;
	assert_int_equal(crypto_hkdf(out, 255 * 32, counting, salt, sizeof salt, "info"), 0);
	assert_hex(out, 16, "3982ad814acd31d031f235d53682fc66");
	assert_hex(out + 254 * 32, 32,
		   "25e3dc344d395e0637cac629a2db8bd9c057345266d80d346bbfb2ab9c1d6d29");
	assert_int_equal(crypto_hkdf(out, 255 * 32 + 1, counting, salt, sizeof salt, "info"), -1);
	assert_memory_equal(out, zero, sizeof out);
}

/* FIPS 197, C.3; twice, for the handle stays open. */
static void block_is_aes256(void **state)
{
	uint8_t in[16], out[16];
	struct crypto_block *block = crypto_block_new(counting);

	(void)state;
	assert_non_null(block);
	for (unsigned i = 0; i < 16; i++)
		in[i] = (uint8_t)(0x11 * i);
	for (unsigned i = 0; i < 2; i++) {
		memset(out, 0, sizeof out);
		assert_int_equal(crypto_block_encrypt(block, out, in), 0);
		assert_hex(out, 16, "8ea2b7ca516745bfeafc49904b496089");
	}
	crypto_block_free(block);
	crypto_block_free(NULL);
}

/* Every byte is written, whatever the size, and nothing beyond. That a byte stays zero 32 times by
 * chance happens once in 2^256. */
static void random_fills_all_sizes(void **state)
{
	uint8_t seen[601], out[601];

	(void)state;
	for (size_t size = 0; size <= 600; size += size < 20 ? 1 : 29) {
		memset(seen, 0, sizeof seen);
		for (unsigned i = 0; i < 32; i++) {
			memset(out, 0, sizeof out);
			crypto_random(out, size);
			for (size_t at = 0; at < sizeof out; at++)
				seen[at] |= out[at];
		}
		for (size_t at = 0; at < sizeof out; at++)
			assert_int_equal(seen[at] != 0, at < size);
	}
}

static void equal_sees_every_bit(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	crypto_random(a, sizeof a);
	memcpy(b, a, sizeof b);
	assert_true(crypto_equal(a, b, sizeof a));
	for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
		b[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(crypto_equal(a, b, sizeof a));
		assert_true(crypto_equal(a, b, bit / 8));
		b[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}

static void wipe_leaves_zeros_and_no_more(void **state)
{
	uint8_t bytes[32];

	(void)state;
	memset(bytes, 0xff, sizeof bytes);
	crypto_wipe(bytes + 1, 30);
	assert_int_equal(bytes[0], 0xff);
	assert_int_equal(bytes[31], 0xff);
	for (unsigned i = 1; i < 31; i++)
		assert_int_equal(bytes[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(start_may_be_called_again),
	    cmocka_unit_test(hmac_sha256),
	    cmocka_unit_test(hkdf_without_salt_or_info),
	    cmocka_unit_test(hkdf_of_the_greatest_size_and_one_more),
	    cmocka_unit_test(block_is_aes256),
	    cmocka_unit_test(random_fills_all_sizes),
	    cmocka_unit_test(equal_sees_every_bit),
	    cmocka_unit_test(wipe_leaves_zeros_and_no_more),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
