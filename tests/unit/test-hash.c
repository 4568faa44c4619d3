/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hash.h"
#include "unit.h"

/* From the paper's appendix (15 bytes), and as OpenSSL computes them. */
static void vectors(void **state)
{
	static const struct {
		size_t size;
		uint64_t hash;
	} cases[] = {
	    {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
	    {8, 0x93f5f5799a932462},  {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
	    {63, 0x958a324ceb064572},
	};
	const struct hash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	uint8_t bytes[64];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(hash_of(&key, bytes, cases[i].size) == cases[i].hash);
}

static void keyed(void **state)
{
	const struct hash_key key = {1, 2}, other = {1, 3};

	(void)state;
	assert_true(hash_of(&key, "postern", 7) != hash_of(&other, "postern", 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(vectors), cmocka_unit_test(keyed)};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
