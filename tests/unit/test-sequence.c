/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "portset.h"
#include "sequence.h"
#include "unit.h"
#include "vectors.h"

static void random_knock(uint8_t knock[static KNOCK_SIZE])
{
	for (unsigned i = 0; i < KNOCK_SIZE; i++)
		knock[i] = (uint8_t)rand();
}

/* The codeword of a knock, in random order. */
static void spread(struct symbol *symbols, unsigned n, const uint8_t knock[static KNOCK_SIZE])
{
	uint8_t values[SEQUENCE_MOST];
	sequence_encode(values, n, knock);
	for (unsigned i = 0; i < n; i++)
		symbols[i] = (struct symbol){.position = (uint8_t)i, .value = values[i]};
	for (unsigned i = n - 1; i > 0; i--) {
		unsigned j = (unsigned)rand() % (i + 1);
		struct symbol held = symbols[i];
		symbols[i] = symbols[j];
		symbols[j] = held;
	}
}

static void spoil(struct symbol *symbols, unsigned errors)
{
	for (unsigned i = 0; i < errors; i++)
		symbols[i].value = (uint8_t)(symbols[i].value + 1 + rand() % 255);
}

static void any_32_give_the_knock(void **state)
{
	(void)state;
	srand(1);
	for (unsigned round = 0; round < 2000; round++) {
		uint8_t knock[KNOCK_SIZE], got[KNOCK_SIZE];
		struct symbol symbols[SEQUENCE_MOST];
		unsigned n = SEQUENCE_LEAST + round % (SEQUENCE_MOST - SEQUENCE_LEAST + 1);
		random_knock(knock);
		spread(symbols, n, knock);
		assert_int_equal(sequence_decode(got, symbols, KNOCK_SIZE), 0);
		assert_memory_equal(got, knock, KNOCK_SIZE);
	}
}

static void errors_are_corrected_up_to_half_of_what_is_more(void **state)
{
	(void)state;
	srand(2);
	for (unsigned count = KNOCK_SIZE; count <= SEQUENCE_MOST; count++)
		for (unsigned errors = 0; errors <= (count - KNOCK_SIZE) / 2; errors++) {
			uint8_t knock[KNOCK_SIZE], got[KNOCK_SIZE];
			struct symbol symbols[SEQUENCE_MOST];
			random_knock(knock);
			spread(symbols, SEQUENCE_MOST, knock);
			spoil(symbols, errors);
			assert_int_equal(sequence_decode(got, symbols, count), 0);
			assert_memory_equal(got, knock, KNOCK_SIZE);
		}
}

static void one_error_too_many_is_never_the_knock(void **state)
{
	(void)state;
	srand(3);
	for (unsigned round = 0; round < 2000; round++) {
		uint8_t knock[KNOCK_SIZE], got[KNOCK_SIZE];
		struct symbol symbols[SEQUENCE_MOST];
		unsigned count = KNOCK_SIZE + round % (SEQUENCE_MOST - KNOCK_SIZE + 1);
		random_knock(knock);
		spread(symbols, SEQUENCE_MOST, knock);
		spoil(symbols, (count - KNOCK_SIZE) / 2 + 1);
		if (sequence_decode(got, symbols, count) == 0)
			assert_memory_not_equal(got, knock, KNOCK_SIZE);
	}
}

static void zero_and_constant_knocks(void **state)
{
	uint8_t knock[KNOCK_SIZE] = {0}, got[KNOCK_SIZE];
	struct symbol symbols[SEQUENCE_MOST];
	(void)state;
	for (unsigned value = 0; value < 256; value += 85) {
		memset(knock, (int)value, sizeof knock);
		spread(symbols, 48, knock);
		spoil(symbols, 8);
		assert_int_equal(sequence_decode(got, symbols, 48), 0);
		assert_memory_equal(got, knock, KNOCK_SIZE);
	}
}

static void too_few_and_too_many_are_refused(void **state)
{
	uint8_t knock[KNOCK_SIZE] = {1}, got[KNOCK_SIZE];
	struct symbol symbols[SEQUENCE_MOST];
	(void)state;
	spread(symbols, 64, knock);
	assert_int_equal(sequence_decode(got, symbols, KNOCK_SIZE - 1), -1);
	assert_int_equal(sequence_decode(got, symbols, SEQUENCE_MOST + 1), -1);
}

static void ports_and_symbols_are_one_another(void **state)
{
	static const struct {
		const char *text;
		unsigned positions;
	} sets[] = {{"20480-32767", 48},
		    {"1-65535", 64},
		    {"1024-9215", 32},
		    {"1024-9214", 0},
		    {"100-199,5000-5099,20000-29999", 39},
		    {"", 0}};
	(void)state;
	for (size_t i = 0; i < COUNT(sets); i++) {
		struct portset set;
		assert_int_equal(portset_parse(&set, sets[i].text, NULL), 0);
		assert_int_equal(sequence_positions(&set), sets[i].positions);
		unsigned found = 0;
		for (uint32_t port = 1; port <= 65535; port++) {
			struct symbol symbol;
			if (sequence_symbol(&symbol, &set, (uint16_t)port) != 0)
				continue;
			assert_true(symbol.position < sets[i].positions);
			assert_int_equal(sequence_port(&set, symbol), port);
			found++;
		}
		assert_int_equal(found, sets[i].positions * SEQUENCE_VALUES);
	}
}

static void agrees_with_the_vectors(void **state)
{
	static struct vector vectors[VECTORS_MOST];
	struct portset set;
	size_t count = vectors_read(vectors);
	(void)state;
	assert_int_equal(portset_parse(&set, "20480-32767", NULL), 0);
	for (size_t i = 0; i < count; i++) {
		uint8_t values[SEQUENCE_MOST];
		sequence_encode(values, 64, vectors[i].knock);
		assert_memory_equal(values, vectors[i].symbols_64, 64);
		assert_memory_equal(values, vectors[i].symbols_48, 48);
		assert_int_equal(vectors[i].n_ports, sequence_positions(&set));
		for (uint8_t j = 0; j < vectors[i].n_ports; j++)
			assert_int_equal(sequence_port(&set, (struct symbol){j, values[j]}),
					 vectors[i].ports[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(agrees_with_the_vectors),
	    cmocka_unit_test(any_32_give_the_knock),
	    cmocka_unit_test(errors_are_corrected_up_to_half_of_what_is_more),
	    cmocka_unit_test(one_error_too_many_is_never_the_knock),
	    cmocka_unit_test(zero_and_constant_knocks),
	    cmocka_unit_test(too_few_and_too_many_are_refused),
	    cmocka_unit_test(ports_and_symbols_are_one_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
