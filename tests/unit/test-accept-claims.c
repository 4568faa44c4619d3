/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdlib.h>

#include "accept.h"

/* Step 5 against a reference that forgets nothing: the protocol's words, and no cleverness. */

enum { TIMES = 64 };

struct reference {
	bool claimed[TIMES];
};

static bool reference_new(const struct reference *all, unsigned time, bool bound)
{
	unsigned greater = 0;

	if (all->claimed[time])
		return false;
	for (unsigned t = time + 1; t < TIMES; t++)
		greater += all->claimed[t];
	if (!bound)
		return greater == 0;
	return greater <
	       16; /* then the time is greater than the least of the 16, or these are fewer */
}

/* One knock through both; they agree, and what is accepted was never claimed. */
static bool both(struct claims *claims, struct reference *all, unsigned time, bool bound)
{
	bool accepted = accept_time_new(claims, time, bound);

	assert_int_equal(accepted, reference_new(all, time, bound));
	if (!accepted)
		return false;
	assert_false(all->claimed[time]);
	all->claimed[time] = true;
	accept_claim(claims, time);
	assert_false(accept_time_new(claims, time, true));
	assert_false(accept_time_new(claims, time, false));
	return true;
}

static void assert_claims(const struct claims *claims, const struct reference *all)
{
	uint32_t n = 0;

	for (unsigned t = TIMES; t-- > 0 && n < ACCEPT_WINDOW;)
		if (all->claimed[t])
			assert_int_equal(claims->times_ms[n++], t);
	assert_int_equal(claims->count, n);
}

static void random_sequences_of_claims_agree_with_the_reference(void **state)
{
	(void)state;
	srand(4303);
	for (unsigned round = 0; round < 3000; round++) {
		struct claims claims = {0};
		struct reference all = {{0}};
		unsigned range = 1 + (unsigned)rand() % TIMES;
		unsigned unbound_in = 1 + (unsigned)rand() % 16;
		for (unsigned i = 0; i < 200; i++)
			both(&claims, &all, (unsigned)rand() % range,
			     (unsigned)rand() % unbound_in != 0);
		assert_claims(&claims, &all);
	}
}

/* A front that advances, with knocks that arrive late by up to 40: the window's edge, all the time. */
static void late_arrivals_agree_with_the_reference(void **state)
{
	(void)state;
	srand(4304);
	for (unsigned round = 0; round < 3000; round++) {
		struct claims claims = {0};
		struct reference all = {{0}};
		for (unsigned front = 0; front < TIMES; front++) {
			unsigned behind = (unsigned)rand() % 40;
			both(&claims, &all, behind > front ? 0 : front - behind, rand() % 8 != 0);
		}
		assert_claims(&claims, &all);
	}
}

/* Every sequence of three knocks, bound or not, onto every fill of the window. */
static void all_short_sequences_agree_with_the_reference(void **state)
{
	enum { RANGE = 38, KNOCKS = 2 * RANGE };

	(void)state;
	for (unsigned fill = 0; fill <= ACCEPT_WINDOW + 1; fill++) {
		struct claims claims = {0};
		struct reference all = {{0}};
		for (unsigned i = 0; i < fill; i++)
			assert_true(both(&claims, &all, 2 + 2 * i, true));
		for (unsigned i = 0; i < KNOCKS * KNOCKS * KNOCKS; i++) {
			struct claims c = claims;
			struct reference a = all;
			for (unsigned j = 0, rest = i; j < 3; j++, rest /= KNOCKS)
				both(&c, &a, rest % KNOCKS / 2, rest % 2);
		}
	}
}

static void the_order_of_claims_does_not_matter(void **state)
{
	uint64_t times[24];

	(void)state;
	srand(7);
	for (unsigned round = 0; round < 1000; round++) {
		struct claims claims = {0};
		for (unsigned i = 0; i < COUNT(times); i++)
			times[i] = 1000 + i;
		for (unsigned i = COUNT(times); i-- > 1;) {
			unsigned j = (unsigned)rand() % (i + 1);
			uint64_t swap = times[i];
			times[i] = times[j];
			times[j] = swap;
		}
		for (unsigned i = 0; i < COUNT(times); i++) {
			accept_claim(&claims, times[i]);
			accept_claim(&claims, times[i]); /* again changes nothing */
		}
		assert_int_equal(claims.count, ACCEPT_WINDOW);
		for (unsigned i = 0; i < ACCEPT_WINDOW; i++)
			assert_int_equal(claims.times_ms[i], 1023 - i);
		assert_int_equal(claims.zero, 0);
		assert_int_equal(claims.code_step, 0);
	}
}

static void a_key_that_never_knocked_may_send_any_time(void **state)
{
	const struct claims none = {0};

	(void)state;
	assert_true(accept_time_new(&none, 0, true));
	assert_true(accept_time_new(&none, 0, false));
	assert_true(accept_time_new(&none, 0xffffffffffff, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_sequences_of_claims_agree_with_the_reference),
	    cmocka_unit_test(late_arrivals_agree_with_the_reference),
	    cmocka_unit_test(all_short_sequences_agree_with_the_reference),
	    cmocka_unit_test(the_order_of_claims_does_not_matter),
	    cmocka_unit_test(a_key_that_never_knocked_may_send_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
