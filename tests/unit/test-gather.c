/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "auth/gather.h"
#include "sequence.h"
#include "unit.h"

enum { N = 48, WINDOW_S = 10 };

struct fixture {
	struct portset set;
	struct gather *gather;
	struct address source;
	uint64_t now_ms;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	assert_int_equal(portset_parse(&f->set, "20480-32767", NULL), 0);
	assert_int_equal(address_parse(&f->source, "192.0.2.7"), 0);
	f->gather = gather_new(&f->set, WINDOW_S, 1024);
	assert_non_null(f->gather);
	f->now_ms = 1000000;
	srand(7);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	gather_free(f->gather);
	free(f);
	return 0;
}

struct codeword {
	uint8_t knock[KNOCK_SIZE];
	struct symbol symbols[SEQUENCE_MOST];
};

static struct codeword make(void)
{
	struct codeword word;
	uint8_t values[SEQUENCE_MOST];
	for (unsigned i = 0; i < KNOCK_SIZE; i++)
		word.knock[i] = (uint8_t)rand();
	sequence_encode(values, N, word.knock);
	for (unsigned i = 0; i < N; i++)
		word.symbols[i] = (struct symbol){.position = (uint8_t)i, .value = values[i]};
	for (unsigned i = N - 1; i > 0; i--) {
		unsigned j = (unsigned)rand() % (i + 1);
		struct symbol held = word.symbols[i];
		word.symbols[i] = word.symbols[j];
		word.symbols[j] = held;
	}
	return word;
}

/* One packet. Did it bring the knock? Then it is done, as auth would say. */
static bool touch(struct fixture *f, struct symbol symbol, const uint8_t *knock)
{
	uint8_t candidates[GATHER_CANDIDATES][KNOCK_SIZE];
	unsigned count = gather_touch(f->gather, &f->source, sequence_port(&f->set, symbol),
				      f->now_ms, candidates);
	for (unsigned i = 0; i < count; i++)
		if (memcmp(candidates[i], knock, KNOCK_SIZE) == 0) {
			gather_done(f->gather, &f->source, knock, f->now_ms);
			return true;
		}
	return false;
}

static unsigned send(struct fixture *f, const struct codeword *word, unsigned first, unsigned count)
{
	unsigned opened = 0;
	for (unsigned i = first; i < first + count; i++)
		opened += touch(f, word->symbols[i], word->knock);
	return opened;
}

static void opens_at_the_32nd_and_once(void **state)
{
	struct fixture *f = *state;
	struct codeword word = make();
	assert_int_equal(send(f, &word, 0, 31), 0);
	assert_int_equal(send(f, &word, 31, 1), 1);
	assert_int_equal(send(f, &word, 32, 16), 0);
	assert_int_equal(send(f, &word, 0, 48), 0);
	f->now_ms += 500;
	assert_int_equal(send(f, &word, 0, 48), 0);
}

static void every_packet_twice(void **state)
{
	struct fixture *f = *state;
	struct codeword word = make();
	unsigned opened = 0;
	for (unsigned i = 0; i < 40; i++)
		opened +=
		    touch(f, word.symbols[i], word.knock) + touch(f, word.symbols[i], word.knock);
	assert_int_equal(opened, 1);
	f->now_ms += WINDOW_S * 1000; /* what comes again costs no try */
	word = make();
	word.symbols[0].value ^= 1;
	assert_int_equal(send(f, &word, 0, KNOCK_SIZE), 0);
	uint64_t tries = gather_counts(f->gather)->tries;
	assert_int_equal(send(f, &word, 0, KNOCK_SIZE), 0);
	assert_int_equal(gather_counts(f->gather)->tries, tries);
}

/* n = 48: any 16 lost, in any order, each packet twice. */
static void any_16_may_be_lost(void **state)
{
	struct fixture *f = *state;
	for (unsigned round = 0; round < 5000; round++) {
		struct codeword word = make();
		unsigned opened = 0;
		for (unsigned i = 0; i < 2 * KNOCK_SIZE; i++)
			opened += touch(f, word.symbols[i % KNOCK_SIZE], word.knock);
		assert_int_equal(opened, 1);
		f->now_ms += 700; /* what is left of the knocks before is there, too */
	}
}

/* n = 48: all come, in any order, any 8 of them wrong. */
static void any_8_may_be_wrong(void **state)
{
	struct fixture *f = *state;
	for (unsigned round = 0; round < 2000; round++) {
		struct codeword word = make(), order = make();
		unsigned opened = 0;
		for (unsigned i = 0; i < 8; i++)
			word.symbols[i].value ^= (uint8_t)(1 + rand() % 255);
		for (unsigned i = 0; i < N; i++)
			for (unsigned j = 0; j < N; j++)
				if (word.symbols[j].position == order.symbols[i].position)
					opened += touch(f, word.symbols[j], word.knock);
		assert_int_equal(opened, 1);
		f->now_ms += WINDOW_S * 1000;
	}
}

/* A third lost at random: 32 or more of 48 come in 567 of 1,000 times, by the binomial distribution
 * (n = 48, p = 2/3), whose standard deviation here is 16. Nothing in between makes it better or worse. */
static void a_third_is_lost_as_the_binomial_says(void **state)
{
	struct fixture *f = *state;
	unsigned opened = 0, enough = 0;
	for (unsigned round = 0; round < 1000; round++) {
		struct codeword word = make();
		unsigned came = 0, now = 0;
		for (unsigned i = 0; i < N; i++)
			if (rand() % 3 != 0) {
				came++;
				now += touch(f, word.symbols[i], word.knock);
			}
		assert_int_equal(now, came >= KNOCK_SIZE);
		opened += now;
		enough += came >= KNOCK_SIZE;
		f->now_ms += 500;
	}
	print_message("# a third lost: %u of 1000 opened\n", opened);
	assert_int_equal(opened, enough);
	assert_in_range(opened, 567 - 4 * 16, 567 + 4 * 16);
}

static void a_lost_attempt_does_not_poison_the_next(void **state)
{
	struct fixture *f = *state;
	for (unsigned lost = 17; lost <= 48; lost++) {
		struct codeword first = make(), second = make();
		f->now_ms += 500;
		assert_int_equal(send(f, &first, 0, 48 - lost), 0);
		f->now_ms += 500;
		assert_int_equal(send(f, &second, 0, 36), 1);
		f->now_ms += WINDOW_S * 1000;
	}
}

/* Some symbols of the second are by chance those of the first, and must not be taken for its rest. */
static void the_next_knock_may_lose_as_many(void **state)
{
	struct fixture *f = *state;
	for (unsigned round = 0; round < 300; round++) {
		struct codeword first = make(), second = make();
		f->now_ms += WINDOW_S * 1000;
		assert_int_equal(send(f, &first, 0, KNOCK_SIZE), 1);
		f->now_ms += 100;
		assert_int_equal(send(f, &first, round % KNOCK_SIZE, N - KNOCK_SIZE), 0);
		f->now_ms += 100;
		assert_int_equal(send(f, &second, 0, KNOCK_SIZE), 1);
		assert_int_equal(send(f, &second, 0, N), 0);
	}
}

/* Packets of both may overtake each other. */
static void the_rest_of_a_knock_does_not_poison_the_next(void **state)
{
	struct fixture *f = *state;
	for (unsigned round = 0; round < 300; round++) {
		struct codeword first = make(), second = make();
		unsigned opened = 0;
		f->now_ms += WINDOW_S * 1000;
		assert_int_equal(send(f, &first, 0, KNOCK_SIZE), 1);
		for (unsigned i = 0; i < 40; i++) {
			opened += touch(f, second.symbols[i], second.knock);
			opened += touch(f, first.symbols[N - 1 - i], second.knock);
		}
		assert_int_equal(opened, 1);
	}
}

static void the_next_knock_is_corrected_as_well(void **state)
{
	struct fixture *f = *state;
	for (unsigned round = 0; round < 250; round++) {
		struct codeword first = make(), second = make();
		unsigned opened = 0;
		f->now_ms += WINDOW_S * 1000;
		assert_int_equal(send(f, &first, 0, N), 1);
		for (unsigned i = 0; i < 8; i++) {
			struct symbol wrong = second.symbols[i];
			wrong.value ^= (uint8_t)(1 + round);
			opened += touch(f, wrong, second.knock);
		}
		assert_int_equal(opened + send(f, &second, 8, 40), 1);
	}
}

static void a_scan_in_the_middle(void **state)
{
	struct fixture *f = *state;
	struct codeword word = make();
	unsigned opened = send(f, &word, 0, 20);
	for (unsigned i = 0; i < 8; i++) {
		struct symbol wrong = word.symbols[i];
		wrong.value ^= 0x55;
		opened += touch(f, wrong, word.knock);
	}
	opened += send(f, &word, 20, 28);
	assert_int_equal(opened, 1);
}

static void what_is_older_than_the_window_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct codeword word = make();
	assert_int_equal(send(f, &word, 0, 16), 0);
	f->now_ms += WINDOW_S * 1000 + 1;
	assert_int_equal(send(f, &word, 16, 31), 0);
	assert_int_equal(send(f, &word, 0, 1), 1);
}

static void other_addresses_are_apart(void **state)
{
	struct fixture *f = *state;
	struct codeword word = make();
	assert_int_equal(send(f, &word, 0, 31), 0);
	f->source.bytes[15]++;
	assert_int_equal(send(f, &word, 31, 17), 0);
	f->source.bytes[15]--;
	assert_int_equal(send(f, &word, 31, 1), 1);
}

/* As many strangers as the table has places, each with one packet, while one client knocks: the
 * client's gathering is never the longest unused of its slot for long enough to be lost. */
static void strangers_do_not_push_a_client_out(void **state)
{
	struct fixture *f = *state;
	struct address client = f->source;
	unsigned opened = 0;
	for (unsigned round = 0; round < 100; round++) {
		struct codeword word = make();
		for (unsigned i = 0; i < N; i++) {
			f->now_ms++;
			for (unsigned j = 0; j < 10; j++) {
				for (unsigned k = 0; k < 4; k++)
					f->source.bytes[12 + k] = (uint8_t)rand();
				touch(f, word.symbols[rand() % N], word.knock);
			}
			f->source = client;
			opened += touch(f, word.symbols[i], word.knock);
		}
		f->now_ms += 1000;
	}
	assert_true(opened >= 99);
	assert_true(gather_counts(f->gather)->evicted > 0);
}

static void tries_have_a_budget_that_refills(void **state)
{
	struct fixture *f = *state;
	struct codeword noise = make(), word = make();
	noise.knock[0] ^= 1;
	for (unsigned round = 0; round < 4000; round++) {
		f->source.bytes[12] = (uint8_t)(round / 250);
		noise.symbols[round % N].value = (uint8_t)rand();
		touch(f, noise.symbols[round % N], noise.knock);
	}
	const struct gather_counts *counts = gather_counts(f->gather);
	assert_true(counts->unpaid > 0);
	assert_int_equal(counts->tries, 1024);
	f->now_ms += 1000;
	f->source.bytes[12] = 192;
	assert_int_equal(send(f, &word, 0, 48), 1);
}

static void no_sequence_in_a_small_set(void **state)
{
	struct portset small;
	(void)state;
	assert_int_equal(portset_parse(&small, "1000-2000", NULL), 0);
	assert_null(gather_new(&small, WINDOW_S, 1024));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(opens_at_the_32nd_and_once),
	    TEST(every_packet_twice),
	    TEST(any_16_may_be_lost),
	    TEST(any_8_may_be_wrong),
	    TEST(a_third_is_lost_as_the_binomial_says),
	    TEST(a_lost_attempt_does_not_poison_the_next),
	    TEST(the_next_knock_may_lose_as_many),
	    TEST(the_rest_of_a_knock_does_not_poison_the_next),
	    TEST(the_next_knock_is_corrected_as_well),
	    TEST(a_scan_in_the_middle),
	    TEST(what_is_older_than_the_window_is_dropped),
	    TEST(other_addresses_are_apart),
	    TEST(strangers_do_not_push_a_client_out),
	    TEST(tries_have_a_budget_that_refills),
	    cmocka_unit_test(no_sequence_in_a_small_set),
	};
	return crypto_start() != 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
