/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of the orders of one turn, with a backend that remembers what it was told, and fails
 * when it is told to; or does as a kernel that has no room, or will not have one of them.
 */
#include <string.h>

#include "firewall/batch.h"
#include "unit.h"

static struct living living;
static struct batch batch;
static struct {
	unsigned commits;
	size_t opened, closed, living;
	bool fail4, fail6;
	unsigned fail_first;   /* so many commits */
	uint64_t unwanted;     /* a grant */
	size_t room;           /* 0: for all */
	uint64_t now_ms, slow; /* how long a commit takes */
} seen;

uint64_t __wrap_clocks_boot_ms(void);

uint64_t __wrap_clocks_boot_ms(void)
{
	return seen.now_ms;
}

static bool taken(const struct rules *rules)
{
	for (size_t i = 0; i < rules->n_opened; i++)
		if (rules->opened[i].grant == seen.unwanted)
			return false;
	return seen.room == 0 || rules->n_opened == 0 || rules->n_living <= seen.room;
}

static int note(const struct rules *rules, struct error *error)
{
	const struct rule *one = rules->n_opened > 0 ? rules->opened : rules->closed;
	bool v4 = address_is_v4(&one->address);

	seen.commits++;
	seen.now_ms += seen.slow;
	seen.opened += rules->n_opened;
	seen.closed += rules->n_closed;
	seen.living = rules->n_living;
	for (size_t i = 0; i < rules->n_opened; i++)
		assert_int_equal(address_is_v4(&rules->opened[i].address), v4);
	for (size_t i = 0; i < rules->n_closed; i++)
		assert_int_equal(address_is_v4(&rules->closed[i].address), v4);
	if ((v4 ? seen.fail4 : seen.fail6) || seen.commits <= seen.fail_first || !taken(rules))
		return error_set(error, "told to");
	return 0;
}

static const struct backend backend = {.name = "note", .commit = note};

static int set_up(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	living.n = 0;
	batch_empty(&batch);
	return 0;
}

static enum order_fault take(uint64_t grant, uint32_t verb, const char *text, uint64_t until_ms)
{
	struct order order = {.grant = grant, .verb = verb, .until_ms = until_ms, .key = "alice"};

	order.door = (struct door){.port = 22, .proto = DOOR_TCP};
	assert_int_equal(address_parse(&order.address, text), 0);
	return batch_take(&batch, &living, &order, ORDER_FAULT_NOTHING, 1000)->fault;
}

static enum order_fault open4(uint64_t grant)
{
	return take(grant, ORDER_OPEN, "192.0.2.7", 9000);
}

static enum order_fault open6(uint64_t grant)
{
	return take(grant, ORDER_OPEN, "2001:db8::7", 9000);
}

static enum order_fault shut(uint64_t grant)
{
	return take(grant, ORDER_CLOSE, "::", 0);
}

static int commit(void)
{
	struct error error;

	return batch_commit(&batch, &living, &backend, &error);
}

static void one_bad_order_hurts_nobody(void **state)
{
	struct order bad = {.grant = 500, .verb = ORDER_OPEN};

	(void)state;
	for (uint64_t grant = 1; grant <= 1000; grant++) {
		if (grant == bad.grant)
			batch_take(&batch, &living, &bad, ORDER_FAULT_DOOR, 1000);
		else
			open4(grant);
	}
	assert_int_equal(commit(), 0);
	assert_int_equal(seen.commits, 1);
	assert_int_equal(seen.opened, 999);
	assert_int_equal(living.n, 999);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(batch.list[i].fault,
				 i == 499 ? ORDER_FAULT_DOOR : ORDER_FAULT_NOTHING);
}

static void nothing_to_do_is_no_commit(void **state)
{
	struct order bad = {.grant = 5, .verb = ORDER_OPEN};

	(void)state;
	batch_take(&batch, &living, &bad, ORDER_FAULT_KEY, 1000);
	assert_int_equal(shut(77), ORDER_FAULT_NOTHING); /* closed already: as it should be */
	assert_int_equal(commit(), 0);
	assert_int_equal(seen.commits, 0);
}

static void each_family_is_a_commit(void **state)
{
	(void)state;
	open4(1);
	open6(2);
	open4(3);
	assert_int_equal(commit(), 0);
	assert_int_equal(seen.commits, 2);
	assert_int_equal(seen.opened, 3);
}

static void one_family_failing_leaves_the_other(void **state)
{
	(void)state;
	open4(1);
	open6(2);
	seen.fail6 = true;
	assert_int_equal(commit(), -1);
	assert_int_equal(batch.list[0].fault, ORDER_FAULT_NOTHING);
	assert_int_equal(batch.list[1].fault, ORDER_FAULT_COMMIT);
	assert_non_null(living_find(&living, 1));
	assert_null(living_find(&living, 2));
}

static void two_are_open(void)
{
	open4(1);
	open4(2);
	assert_int_equal(commit(), 0);
	batch_empty(&batch);
}

static void what_failed_is_taken_back(void **state)
{
	(void)state;
	two_are_open();
	take(1, ORDER_OPEN, "192.0.2.7", 20000);
	take(1, ORDER_OPEN, "192.0.2.7", 30000);
	open4(3);
	shut(2);
	seen.fail4 = true;
	assert_int_equal(commit(), -1);
	assert_int_equal(living_find(&living, 1)->until_ms, 9000);
	assert_null(living_find(&living, 3));
	assert_null(living_find(&living, 2)); /* and goes with the next commit */
	for (size_t i = 0; i < batch.n; i++)
		assert_int_equal(batch.list[i].fault, ORDER_FAULT_COMMIT);
}

static void the_kernel_refuses_one(void **state)
{
	(void)state;
	for (uint64_t grant = 1; grant <= 1000; grant++)
		open4(grant);
	open6(1001);
	seen.unwanted = 500;
	assert_int_equal(commit(), -1);
	/* All, and two for each time that a thousand can be halved; and the other family's. */
	assert_in_range(seen.commits, 4, 1 + 2 * 10 + 1);
	for (size_t i = 0; i < 1001; i++)
		assert_int_equal(batch.list[i].fault,
				 i == 499 ? ORDER_FAULT_COMMIT : ORDER_FAULT_NOTHING);
	assert_int_equal(living.n, 1000);
	assert_null(living_find(&living, 500));
}

static void what_has_room_is_opened(void **state)
{
	(void)state;
	two_are_open();
	shut(2);
	for (uint64_t grant = 3; grant <= 100; grant++)
		open4(grant);
	seen.room = 10;
	assert_int_equal(commit(), -1);
	assert_int_equal(batch.list[0].fault, ORDER_FAULT_NOTHING);
	for (size_t i = 1; i < batch.n; i++)
		assert_int_equal(batch.list[i].fault,
				 i <= 9 ? ORDER_FAULT_NOTHING : ORDER_FAULT_COMMIT);
	assert_int_equal(living.n, 10);
}

/* Each of a batch would be tried, and each for as long as another holds a lock. */
static void trials_come_to_an_end(void **state)
{
	(void)state;
	for (uint64_t grant = 1; grant <= 1000; grant++)
		open4(grant);
	seen.unwanted = 1;
	seen.slow = 1000;
	assert_int_equal(commit(), -1);
	assert_in_range(seen.commits, 3, 8);
	assert_int_equal(living.n, 0);
	batch_empty(&batch);
	open4(1);
	open4(2);
	seen.slow = 10000;
	seen.commits = 0;
	assert_int_equal(commit(), -1);
	assert_int_equal(seen.commits, 1);
}

/* What was acknowledged of a grant is what is so. */
static void of_one_grant_the_last_counts(void **state)
{
	(void)state;
	two_are_open();
	take(1, ORDER_OPEN, "192.0.2.7", 20000);
	take(1, ORDER_OPEN, "192.0.2.7", 30000);
	open4(3);
	shut(3);
	shut(2);
	open4(2);
	open4(5);
	take(5, ORDER_OPEN, "192.0.2.7", 20000);
	open4(4);
	seen.unwanted = 5;
	assert_int_equal(commit(), -1);
	for (size_t i = 0; i < batch.n; i++)
		assert_int_equal(batch.list[i].fault, batch.list[i].order.grant == 5
							  ? ORDER_FAULT_COMMIT
							  : ORDER_FAULT_NOTHING);
	assert_int_equal(living_find(&living, 1)->until_ms, 30000);
	assert_null(living_find(&living, 5));
	assert_non_null(living_find(&living, 2));
	assert_null(living_find(&living, 3));
	assert_non_null(living_find(&living, 4));
}

static void at_the_end_only_what_closes_counts(void **state)
{
	(void)state;
	two_are_open();
	take(1, ORDER_OPEN, "192.0.2.7", 20000);
	shut(2);
	open4(3);
	open4(4);
	shut(4);
	seen.opened = seen.closed = 0;
	batch_forgo(&batch, &living);
	assert_int_equal(commit(), 0);
	assert_int_equal(seen.opened, 0);
	assert_in_range(seen.closed, 1, 2); /* and what never stood there */
	assert_int_equal(living.n, 1);
	assert_int_equal(living_find(&living, 1)->until_ms, 9000);
}

static void what_was_closed_is_never_taken_back(void **state)
{
	(void)state;
	open4(1);
	assert_int_equal(commit(), 0);
	batch_empty(&batch);
	take(1, ORDER_OPEN, "192.0.2.7", 20000);
	shut(1);
	seen.fail4 = true;
	assert_int_equal(commit(), -1);
	assert_null(living_find(&living, 1));
}

/* A commit that fails once is tried again in halves: what was forgone is in neither. */
static void what_was_forgone_stays_so(void **state)
{
	(void)state;
	two_are_open();
	open4(3);
	shut(1);
	shut(2);
	batch_forgo(&batch, &living);
	seen.commits = 0;
	seen.fail_first = 1;
	assert_int_equal(commit(), 0);
	assert_int_equal(living.n, 0);
	assert_int_equal(batch.list[0].fault, ORDER_FAULT_COMMIT);
}

/* It was to be closed by the half that is not tried any more. */
static void what_is_closed_too_late_is_closed(void **state)
{
	(void)state;
	open4(3);
	open4(4);
	shut(3);
	open4(5);
	seen.fail_first = 1;
	seen.slow = 3000;
	assert_int_equal(commit(), -1);
	assert_int_equal(seen.commits, 2);
	assert_null(living_find(&living, 3));
	assert_non_null(living_find(&living, 4));
	assert_null(living_find(&living, 5));
	assert_int_equal(batch.list[2].fault, ORDER_FAULT_COMMIT);
}

/* No half has it: so all is to be written anew, though both were taken. */
static void what_has_ended_is_not_forgotten(void **state)
{
	(void)state;
	two_are_open();
	batch_expire(&batch, &living, 9000);
	assert_int_equal(batch.n_ended, 2);
	take(3, ORDER_OPEN, "192.0.2.7", 20000);
	take(4, ORDER_OPEN, "192.0.2.7", 20000);
	seen.commits = 0;
	seen.fail_first = 1;
	assert_int_equal(commit(), -1);
	assert_int_equal(batch.list[0].fault, ORDER_FAULT_NOTHING);
	assert_int_equal(living.n, 2);
}

static void replacing_moves_the_end_only(void **state)
{
	(void)state;
	open4(1);
	assert_int_equal(take(1, ORDER_OPEN, "192.0.2.8", 9000), ORDER_FAULT_OTHER);
	assert_int_equal(open6(1), ORDER_FAULT_OTHER);
	assert_int_equal(take(1, ORDER_OPEN, "192.0.2.7", 7000), ORDER_FAULT_NOTHING);
	assert_int_equal(living_find(&living, 1)->until_ms, 7000);
	assert_int_equal(living_find(&living, 1)->since_ms, 1000);
}

static void expired_ones_go_in_one_commit(void **state)
{
	(void)state;
	for (uint64_t grant = 1; grant <= 300; grant++)
		open4(grant);
	assert_int_equal(commit(), 0);
	batch_empty(&batch);
	seen.commits = 0;
	batch_expire(&batch, &living, 8999);
	assert_int_equal(batch.n_ended, 0);
	batch_expire(&batch, &living, 9000);
	assert_int_equal(commit(), 0);
	assert_int_equal(seen.commits, 1);
	assert_int_equal(seen.closed, 300);
	assert_int_equal(living.n, 0);
}

static void more_than_fit_are_refused(void **state)
{
	(void)state;
	for (uint64_t grant = 1; grant <= LIVING_MAX; grant++) {
		if (batch_full(&batch))
			batch_empty(&batch);
		assert_int_equal(open4(grant), ORDER_FAULT_NOTHING);
	}
	batch_empty(&batch);
	assert_int_equal(open4(LIVING_MAX + 1), ORDER_FAULT_FULL);
	assert_int_equal(shut(1), ORDER_FAULT_NOTHING);
	assert_int_equal(open4(LIVING_MAX + 1), ORDER_FAULT_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(one_bad_order_hurts_nobody, set_up),
	    cmocka_unit_test_setup(nothing_to_do_is_no_commit, set_up),
	    cmocka_unit_test_setup(each_family_is_a_commit, set_up),
	    cmocka_unit_test_setup(one_family_failing_leaves_the_other, set_up),
	    cmocka_unit_test_setup(what_failed_is_taken_back, set_up),
	    cmocka_unit_test_setup(the_kernel_refuses_one, set_up),
	    cmocka_unit_test_setup(what_has_room_is_opened, set_up),
	    cmocka_unit_test_setup(trials_come_to_an_end, set_up),
	    cmocka_unit_test_setup(of_one_grant_the_last_counts, set_up),
	    cmocka_unit_test_setup(at_the_end_only_what_closes_counts, set_up),
	    cmocka_unit_test_setup(what_was_closed_is_never_taken_back, set_up),
	    cmocka_unit_test_setup(what_was_forgone_stays_so, set_up),
	    cmocka_unit_test_setup(what_is_closed_too_late_is_closed, set_up),
	    cmocka_unit_test_setup(what_has_ended_is_not_forgotten, set_up),
	    cmocka_unit_test_setup(replacing_moves_the_end_only, set_up),
	    cmocka_unit_test_setup(expired_ones_go_in_one_commit, set_up),
	    cmocka_unit_test_setup(more_than_fit_are_refused, set_up),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
