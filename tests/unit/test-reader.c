/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "reader.h"
#include "unit.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff};

static void reads_in_network_order(void **state)
{
	struct reader reader;
	uint8_t out[2];

	(void)state;
	reader_start(&reader, bytes, sizeof bytes);
	assert_int_equal(reader_u8(&reader), 0x01);
	assert_int_equal(reader_u16(&reader), 0x0203);
	assert_int_equal(reader_u32(&reader), 0x04050607);
	assert_int_equal(reader_u48(&reader), 0x08090a0b0c0d);
	reader_skip(&reader, 1);
	reader_bytes(&reader, out, sizeof out);
	assert_memory_equal(out, bytes + 14, 2);
	assert_int_equal(reader.left, 0);
	assert_false(reader.short_of);
}

static void short_is_sticky_and_zero(void **state)
{
	struct reader reader;
	uint8_t out[4] = {9, 9, 9, 9};

	(void)state;
	reader_start(&reader, bytes, 3);
	assert_int_equal(reader_u32(&reader), 0);
	assert_true(reader.short_of);
	assert_int_equal(reader_u8(&reader), 0); /* though three bytes were there */
	reader_bytes(&reader, out, sizeof out);
	assert_memory_equal(out, "\0\0\0\0", 4);
	reader_skip(&reader, 0);
	assert_true(reader.short_of);
	assert_int_equal(reader.left, 0);
}

static void each_read_knows_its_size(void **state)
{
	struct reader reader;

	(void)state;
	reader_start(&reader, bytes, 0);
	assert_int_equal(reader_u8(&reader), 0);
	assert_true(reader.short_of);
	reader_start(&reader, bytes, 1);
	assert_int_equal(reader_u16(&reader), 0);
	assert_true(reader.short_of);
	reader_start(&reader, bytes, 5);
	assert_int_equal(reader_u48(&reader), 0);
	assert_true(reader.short_of);
	reader_start(&reader, bytes, 5);
	reader_skip(&reader, SIZE_MAX);
	assert_true(reader.short_of);
}

static void nothing_of_nothing_is_fine(void **state)
{
	struct reader reader;

	(void)state;
	reader_start(&reader, NULL, 0);
	reader_skip(&reader, 0);
	reader_bytes(&reader, NULL, 0);
	reader_limit(&reader, 0);
	assert_false(reader.short_of);
}

static void limit_forgets_the_rest(void **state)
{
	struct reader reader;

	(void)state;
	reader_start(&reader, bytes, sizeof bytes);
	reader_limit(&reader, 2);
	assert_int_equal(reader.left, 2);
	assert_int_equal(reader_u16(&reader), 0x0102);
	assert_false(reader.short_of);
	assert_int_equal(reader_u8(&reader), 0);
	assert_true(reader.short_of);

	reader_start(&reader, bytes, 3);
	reader_limit(&reader, 4);
	assert_true(reader.short_of);
	assert_int_equal(reader_u8(&reader), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_in_network_order),
	    cmocka_unit_test(short_is_sticky_and_zero),
	    cmocka_unit_test(each_read_knows_its_size),
	    cmocka_unit_test(nothing_of_nothing_is_fine),
	    cmocka_unit_test(limit_forgets_the_rest),
	};

	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
