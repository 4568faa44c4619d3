/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Orders as a process that was taken over might send them: each is refused, by name.
 */
#include <errno.h>
#include <string.h>

#include "firewall/order.h"
#include "unit.h"

enum { NOW_MS = 5000000, MAX_S = 3600 };

static struct start start;

static struct address address(const char *text)
{
	struct address result;

	assert_int_equal(address_parse(&result, text), 0);
	return result;
}

static struct door door(const char *text)
{
	struct door result;

	assert_int_equal(door_parse(&result, text, NULL), 0);
	return result;
}

static struct order good(void)
{
	return (struct order){
	    .grant = 17,
	    .until_ms = NOW_MS + 30000,
	    .address = address("192.0.2.7"),
	    .door = door("tcp/22"),
	    .verb = ORDER_OPEN,
	    .key = "alice",
	};
}

static int set_up(void **state)
{
	(void)state;
	memset(&start, 0, sizeof(start));
	start.config.doors[0] = door("tcp/22");
	start.config.doors[1] = door("udp/53");
	start.config.n_doors = 2;
	start.config.grant_max_s = MAX_S;
	start.own[0] = address("198.51.100.1");
	start.own[1] = address("2001:db8::1");
	start.n_own = 2;
	return 0;
}

static void expect(const struct order *order, enum order_fault fault)
{
	assert_string_equal(order_about(order_check(order, &start, NOW_MS))->name,
			    order_about(fault)->name);
}

static void takes_what_the_configuration_allows(void **state)
{
	struct order order = good();

	(void)state;
	expect(&order, ORDER_FAULT_NOTHING);
	order.door = door("udp/53");
	order.address = address("2001:db8::7");
	expect(&order, ORDER_FAULT_NOTHING);
	memset(order.key, 'z', NAME_SIZE - 1);
	expect(&order, ORDER_FAULT_NOTHING);
	order.grant = UINT64_MAX;
	expect(&order, ORDER_FAULT_NOTHING);
}

static void refuses_foreign_doors(void **state)
{
	static const struct door foreign[] = {
	    {.port = 23, .proto = DOOR_TCP}, {.port = 22, .proto = DOOR_UDP},
	    {.port = 0, .proto = DOOR_TCP},  {.port = 22, .proto = 0},
	    {.port = 22, .proto = 255},      {.port = 22, .proto = 1},
	};
	struct order order = good();

	(void)state;
	for (size_t i = 0; i < COUNT(foreign); i++) {
		order.door = foreign[i];
		expect(&order, ORDER_FAULT_DOOR);
	}
}

static void refuses_a_door_beyond_the_list(void **state)
{
	struct order order = good();

	(void)state;
	start.config.n_doors = 0;
	expect(&order, ORDER_FAULT_DOOR);
	/* A damaged count reads no further than the list. */
	start.config.n_doors = UINT32_MAX;
	order.door = door("tcp/4444");
	expect(&order, ORDER_FAULT_DOOR);
}

/* Whatever the configuration may list, no rule is made for these. */
static void refuses_protocols_that_are_none(void **state)
{
	struct order order = good();

	(void)state;
	start.config.doors[0] = (struct door){.port = 22, .proto = 1};
	order.door = start.config.doors[0];
	expect(&order, ORDER_FAULT_DOOR);
}

static void refuses_addresses_that_are_nobodys(void **state)
{
	static const char *const nobodys[] = {
	    "0.0.0.0",         "0.1.2.3",         "127.0.0.1",   "127.8.9.10", "224.0.0.1",
	    "239.255.255.255", "240.0.0.1",       "::",          "::1",        "ff02::1",
	    "fe80::1",         "255.255.255.255", "169.254.1.1",
	};
	struct order order = good();

	(void)state;
	memset(&order.address, 0, sizeof(order.address)); /* "family 0" */
	expect(&order, ORDER_FAULT_ADDRESS);
	for (size_t i = 0; i < COUNT(nobodys); i++) {
		order.address = address(nobodys[i]);
		expect(&order, ORDER_FAULT_ADDRESS);
	}
}

static void refuses_our_own_addresses(void **state)
{
	struct order order = good();

	(void)state;
	order.address = address("198.51.100.1");
	expect(&order, ORDER_FAULT_OWN);
	order.address = address("2001:db8::1");
	expect(&order, ORDER_FAULT_OWN);
	start.n_own = UINT32_MAX;
	order.address = address("2001:db8::2");
	expect(&order, ORDER_FAULT_NOTHING);
}

static void refuses_times_beyond_the_longest(void **state)
{
	struct order order = good();

	(void)state;
	order.until_ms = NOW_MS + MAX_S * 1000 + 1000;
	expect(&order, ORDER_FAULT_NOTHING);
	order.until_ms++;
	expect(&order, ORDER_FAULT_SPAN);
	order.until_ms = 4102444800000; /* 2100, as milliseconds since 1970 */
	expect(&order, ORDER_FAULT_SPAN);
	order.until_ms = UINT64_MAX;
	expect(&order, ORDER_FAULT_SPAN);
	start.config.grant_max_s = UINT32_MAX;
	expect(&order, ORDER_FAULT_SPAN);
}

static void refuses_what_is_over(void **state)
{
	struct order order = good();

	(void)state;
	order.until_ms = NOW_MS;
	expect(&order, ORDER_FAULT_OVER);
	order.until_ms = 0;
	expect(&order, ORDER_FAULT_OVER);
	order.until_ms = NOW_MS + 1;
	expect(&order, ORDER_FAULT_NOTHING);
}

static void refuses_names_that_are_none(void **state)
{
	static const char *const names[] = {"",     "-a",  "a b",      "a\nb",
					    "a\"b", "a/b", "\xc3\xa4", "a%"};
	struct order order = good();

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		memset(order.key, 0, sizeof(order.key));
		memcpy(order.key, names[i], strlen(names[i]));
		expect(&order, ORDER_FAULT_KEY);
	}
	memset(order.key, 'a', sizeof(order.key)); /* without an end */
	expect(&order, ORDER_FAULT_KEY);
}

static void refuses_what_has_no_number_verb_or_form(void **state)
{
	struct order order = good();

	(void)state;
	order.grant = 0;
	expect(&order, ORDER_FAULT_GRANT);
	order = good();
	order.verb = 0;
	expect(&order, ORDER_FAULT_VERB);
	order.verb = 3;
	expect(&order, ORDER_FAULT_VERB);
	order = good();
	order.zero[6] = 1;
	expect(&order, ORDER_FAULT_FORM);
	order = good();
	order.door.zero = 1;
	expect(&order, ORDER_FAULT_FORM);
}

/* A close that was refused would be a door that stays open. */
static void closes_whatever_else_the_order_says(void **state)
{
	struct order order;

	(void)state;
	memset(&order, 0xff, sizeof(order));
	order.verb = ORDER_CLOSE;
	expect(&order, ORDER_FAULT_NOTHING);
	memset(&order, 0, sizeof(order));
	order.verb = ORDER_CLOSE;
	expect(&order, ORDER_FAULT_GRANT);
}

static void tells_attacks_from_accidents(void **state)
{
	(void)state;
	assert_int_equal(order_about(ORDER_FAULT_NOTHING)->result, 0);
	assert_false(order_fault_bad(ORDER_FAULT_NOTHING));
	for (int i = ORDER_FAULT_NOTHING + 1; i < ORDER_FAULTS_COUNT; i++)
		assert_int_not_equal(order_about((enum order_fault)i)->result, 0);
	assert_int_equal(order_about(ORDER_FAULT_FULL)->result, ENOSPC);
	assert_true(order_fault_bad(ORDER_FAULT_GRANT));
	assert_true(order_fault_bad(ORDER_FAULT_DOOR));
	assert_true(order_fault_bad(ORDER_FAULT_SPAN));
	assert_true(order_fault_bad(ORDER_FAULT_OTHER));
	assert_false(order_fault_bad(ORDER_FAULT_OVER));
	assert_false(order_fault_bad(ORDER_FAULT_SHORT));
	assert_false(order_fault_bad(ORDER_FAULT_OURS)); /* it may have got it since */
	assert_true(order_fault_bad(ORDER_FAULT_OWN));
	assert_false(order_fault_bad(ORDER_FAULT_COMMIT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(takes_what_the_configuration_allows, set_up),
	    cmocka_unit_test_setup(refuses_foreign_doors, set_up),
	    cmocka_unit_test_setup(refuses_a_door_beyond_the_list, set_up),
	    cmocka_unit_test_setup(refuses_protocols_that_are_none, set_up),
	    cmocka_unit_test_setup(refuses_addresses_that_are_nobodys, set_up),
	    cmocka_unit_test_setup(refuses_our_own_addresses, set_up),
	    cmocka_unit_test_setup(refuses_times_beyond_the_longest, set_up),
	    cmocka_unit_test_setup(refuses_what_is_over, set_up),
	    cmocka_unit_test_setup(refuses_names_that_are_none, set_up),
	    cmocka_unit_test_setup(refuses_what_has_no_number_verb_or_form, set_up),
	    cmocka_unit_test_setup(closes_whatever_else_the_order_says, set_up),
	    cmocka_unit_test(tells_attacks_from_accidents),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
