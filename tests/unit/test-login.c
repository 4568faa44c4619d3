/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "auth/holder.h"
#include "auth/login.h"
#include "crypto.h"
#include "unit.h"

static char alice[] = "alice", backup[] = "backup";
static char *users[] = {alice, backup};
static struct key list[] = {{.name = "laptop", .users = users, .n_users = 2}, {.name = "bob"}};
static const struct keys keys = {.list = list, .count = COUNT(list)};
static const struct door ssh = {.port = 22, .proto = DOOR_TCP};
static const struct door vpn = {.port = 1194, .proto = DOOR_UDP};
static uint64_t number, knock;                    /* 0: each grant is of a knock of its own */
static const uint64_t STARTED_MS = 1700000000000; /* by the wall clock */

static int set_up(void **state)
{
	(void)state;
	number = knock = 0;
	holder_start(&keys);
	return grant_start(holder_count(), 0) == 0 ? login_start() : -1;
}

static int tear_down(void **state)
{
	(void)state;
	login_end();
	grant_end();
	return 0;
}

static struct address address_of(const char *text)
{
	struct address address;
	assert_int_equal(address_parse(&address, text), 0);
	return address;
}

/* A grant of 30 s; key by its place. */
static void knocked(uint32_t holder, const char *from, const struct door *door, uint64_t at_ms)
{
	const struct grant grant = {.number = number + 1,
				    .knock = knock != 0 ? knock : number + 1,
				    .since_boot_ms = at_ms,
				    .until_boot_ms = at_ms + 30000,
				    .address = address_of(from),
				    .door = *door,
				    .logins = 1,
				    .holder = holder};
	number++;
	login_opened(&grant);
}

static struct login_found found;

/* As a question would have it, at this moment. */
static const char *check(struct login_ask ask, const char *from, uint64_t boot_ms)
{
	const struct now now = {.wall_ms = STARTED_MS + boot_ms, .boot_ms = boot_ms};

	ask.address = address_of(from);
	return login_name(login_check(&found, &ask, &now));
}

#define EXPECT(reason, from, boot_ms, ...) \
	assert_string_equal(check((struct login_ask){__VA_ARGS__}, from, boot_ms), reason)

static void who_has_not_knocked(void **state)
{
	(void)state;
	EXPECT("no-knock", "192.0.2.7", 1000, .door = &ssh);
	knocked(0, "192.0.2.8", &ssh, 1000);
	EXPECT("no-knock", "192.0.2.7", 1000, .door = &ssh);
}

static void by_the_life_of_the_grant_or_by_age(void **state)
{
	(void)state;
	knocked(0, "192.0.2.7", &ssh, 1000);
	EXPECT("yes", "192.0.2.7", 1000, .door = &ssh);
	EXPECT("yes", "192.0.2.7", 30999, .door = &ssh);
	EXPECT("old", "192.0.2.7", 31000, .door = &ssh);
	EXPECT("yes", "192.0.2.7", 60999, .door = &ssh, .max_age_ms = 60000);
	EXPECT("old", "192.0.2.7", 61000, .door = &ssh, .max_age_ms = 60000);
	EXPECT("old", "192.0.2.7", 11000, .door = &ssh, .max_age_ms = 10000);
	EXPECT("old", "192.0.2.7", 1000 + LOGIN_KEPT_MS, .max_age_ms = UINT64_MAX);
	EXPECT("yes", "192.0.2.7", 4500, .door = &ssh);
	assert_int_equal(found.age_ms, 3500);
	assert_int_equal(found.grant, 1);
}

static void for_its_door_and_its_users(void **state)
{
	(void)state;
	knocked(0, "192.0.2.7", &vpn, 1000);
	EXPECT("door", "192.0.2.7", 1000, .door = &ssh);
	EXPECT("yes", "192.0.2.7", 1000, .door = NULL);
	EXPECT("yes", "192.0.2.7", 1000, .door = &vpn, .user = "alice");
	EXPECT("yes", "192.0.2.7", 1000, .door = &vpn, .user = "backup");
	EXPECT("user", "192.0.2.7", 1000, .door = &vpn, .user = "laptop");
	EXPECT("user", "192.0.2.7", 1000, .door = &vpn, .user = "root");
	knocked(1, "192.0.2.7", &vpn, 2000);
	EXPECT("yes", "192.0.2.7", 2000, .door = &vpn, .user = "bob");
	assert_int_equal(found.holder, 1);
	EXPECT("yes", "192.0.2.7", 2000, .door = &vpn, .user = "alice");
	assert_int_equal(found.holder, 0);
	EXPECT("user", "192.0.2.7", 2000, .door = &vpn, .user = "root");
}

static void one_login_a_knock(void **state)
{
	(void)state;
	knocked(0, "192.0.2.7", &ssh, 1000);
	EXPECT("yes", "192.0.2.7", 1000, .door = &ssh, .consume = true);
	EXPECT("consumed", "192.0.2.7", 1000, .door = &ssh, .consume = true);
	EXPECT("consumed", "192.0.2.7", 1000, .door = &ssh);
	knocked(0, "192.0.2.7", &ssh, 2000);
	knocked(0, "192.0.2.7", &ssh, 3000);
	EXPECT("yes", "192.0.2.7", 3000, .door = &ssh, .consume = true);
	assert_int_equal(found.grant, 3);
	EXPECT("yes", "192.0.2.7", 3000, .door = &ssh, .consume = true);
	assert_int_equal(found.grant, 2);
	EXPECT("consumed", "192.0.2.7", 3000, .door = &ssh, .consume = true);
}

static void one_knock_for_two_doors_is_one_login(void **state)
{
	(void)state;
	knock = 1;
	knocked(0, "192.0.2.7", &ssh, 1000);
	knocked(0, "192.0.2.7", &vpn, 1000);
	EXPECT("yes", "192.0.2.7", 1000, .door = &vpn, .consume = true);
	EXPECT("consumed", "192.0.2.7", 1000, .door = &ssh);
}

/* One fsync serves both: they are of one moment. */
static void two_knocks_at_once_are_two_logins(void **state)
{
	(void)state;
	knocked(0, "192.0.2.7", &ssh, 1000);
	knocked(0, "192.0.2.7", &vpn, 1000);
	EXPECT("yes", "192.0.2.7", 1000, .door = &vpn, .consume = true);
	EXPECT("yes", "192.0.2.7", 1000, .door = &ssh, .consume = true);
	EXPECT("consumed", "192.0.2.7", 1000, .door = &ssh);
}

static void what_an_earlier_life_consumed_stays_so(void **state)
{
	const struct grant grant = {.number = 9,
				    .since_boot_ms = 1000,
				    .until_boot_ms = 31000,
				    .address = address_of("192.0.2.7"),
				    .door = ssh};
	(void)state;
	login_opened(&grant);
	EXPECT("consumed", "192.0.2.7", 1000, .door = &ssh);
}

static void closing(void **state)
{
	struct address seven = address_of("192.0.2.7");
	(void)state;
	knocked(0, "192.0.2.7", &ssh, 1000);
	knocked(0, "192.0.2.7", &vpn, 1001);
	knocked(1, "192.0.2.7", &ssh, 1002);
	knocked(1, "192.0.2.8", &ssh, 1003);
	login_close(&(struct login_target){&list[0], &seven, &ssh});
	EXPECT("user", "192.0.2.7", 1010, .door = &ssh, .user = "alice");
	EXPECT("yes", "192.0.2.7", 1010, .door = &vpn, .user = "alice");
	login_close(&(struct login_target){.key = &list[1]});
	EXPECT("no-knock", "192.0.2.8", 1010, .door = NULL);
	EXPECT("door", "192.0.2.7", 1010, .door = &ssh);
	login_close(&(struct login_target){.address = &seven});
	EXPECT("no-knock", "192.0.2.7", 1010, .door = NULL);
	knocked(0, "192.0.2.7", &ssh, 1000);
	login_close(&(struct login_target){NULL, NULL, NULL});
	EXPECT("no-knock", "192.0.2.7", 1010, .door = NULL);
}

/* Many of one address are closed door by door, and those of others stay, wherever they stand. */
static void closing_among_many(void **state)
{
	enum { MANY = 1000 };
	struct address seven = address_of("192.0.2.7"), other = address_of("198.51.100.0");
	const struct login_target both = {&list[0], &seven, &ssh};
	struct grant grant = {.until_boot_ms = 100000, .door = ssh, .logins = 1};
	const struct now now = {.boot_ms = 50000};
	struct login_ask ask = {.door = &ssh};

	(void)state;
	for (uint32_t i = 0; i < LOGIN_TABLE - 2 * MANY; i++) {
		grant.number = ++number;
		grant.address = other;
		grant.address.bytes[14] = (uint8_t)(i >> 8);
		grant.address.bytes[15] = (uint8_t)i;
		login_opened(&grant);
	}
	for (uint32_t i = 0; i < MANY; i++) {
		knocked(0, "192.0.2.7", &ssh, 1000 + i);
		knocked(0, "192.0.2.7", &vpn, 1000 + i);
	}
	assert_int_equal(login_close(&both), MANY);
	assert_int_equal(login_close(&both), 0);
	EXPECT("door", "192.0.2.7", 2000, .door = &ssh);
	EXPECT("yes", "192.0.2.7", 2000, .door = &vpn);
	for (uint32_t i = 0; i < 65536; i += 97) {
		ask.address = other;
		ask.address.bytes[14] = (uint8_t)(i >> 8);
		ask.address.bytes[15] = (uint8_t)i;
		assert_int_equal(login_check(&found, &ask, &now),
				 i < LOGIN_TABLE - 2 * MANY ? LOGIN_YES : LOGIN_NO_KNOCK);
	}
	assert_int_equal(login_close(&(struct login_target){.address = &seven}), MANY);
	assert_int_equal(login_close(&(struct login_target){NULL, NULL, NULL}),
			 LOGIN_TABLE - 2 * MANY);
}

/* More than the table holds: the oldest are forgotten, which closes; the others are found. */
static void the_oldest_goes_first(void **state)
{
	enum { MORE = 1000, ALL = LOGIN_TABLE + MORE };
	struct grant grant = {.until_boot_ms = 100000, .door = ssh, .logins = 1};
	struct login_ask ask = {.door = &ssh};
	const struct now now = {.boot_ms = 50000};
	(void)state;
	for (uint32_t i = 0; i < ALL; i++) {
		grant.number = i + 1;
		grant.address = address_of("10.0.0.0");
		grant.address.bytes[13] = (uint8_t)(i >> 16);
		grant.address.bytes[14] = (uint8_t)(i >> 8);
		grant.address.bytes[15] = (uint8_t)i;
		login_opened(&grant);
	}
	for (uint32_t i = 0; i < ALL; i += 7) {
		ask.address = address_of("10.0.0.0");
		ask.address.bytes[13] = (uint8_t)(i >> 16);
		ask.address.bytes[14] = (uint8_t)(i >> 8);
		ask.address.bytes[15] = (uint8_t)i;
		enum login_reason reason = login_check(&found, &ask, &now);
		assert_int_equal(reason, i < MORE ? LOGIN_NO_KNOCK : LOGIN_YES);
		if (reason == LOGIN_YES)
			assert_int_equal(found.grant, i + 1);
	}
}

/* However young the knock is, and whatever its grant's end. */
static void never_beyond_the_key(void **state)
{
	(void)state;
	knocked(1, "192.0.2.7", &ssh, 1000);
	list[1].expires_ms = STARTED_MS + 20000;
	EXPECT("yes", "192.0.2.7", 19999, .door = &ssh);
	EXPECT("old", "192.0.2.7", 20000, .door = &ssh);
	EXPECT("yes", "192.0.2.7", 19999, .max_age_ms = 60000);
	EXPECT("old", "192.0.2.7", 20000, .max_age_ms = 60000);
	list[1].expires_ms = 0;
	EXPECT("yes", "192.0.2.7", 20000, .door = &ssh);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(who_has_not_knocked),
	    TEST(by_the_life_of_the_grant_or_by_age),
	    TEST(never_beyond_the_key),
	    TEST(for_its_door_and_its_users),
	    TEST(one_login_a_knock),
	    TEST(one_knock_for_two_doors_is_one_login),
	    TEST(two_knocks_at_once_are_two_logins),
	    TEST(what_an_earlier_life_consumed_stays_so),
	    TEST(closing),
	    TEST(closing_among_many),
	    TEST(the_oldest_goes_first),
	};
	return crypto_start() != 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
