/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a knock to its durable claim, with clocks that do what they should not. Time is the test's.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auth/grant.h"
#include "auth/judge.h"
#include "auth/noise.h"
#include "auth/store.h"
#include "auth/tell.h"
#include "crypto.h"
#include "loglines.h"
#include "unit.h"

enum { WINDOW_S = 120 };
static const uint64_t wall_ms = 1795460400000;

static char folder[64], db[80];
static struct keys keys; /* 0: older than any record here; 1: younger, with nat */
static struct claims claims[2];
static struct address client, elsewhere;
static struct now now;
static int event;

static void make_keys(void)
{
	uint8_t secret[CRYPTO_KEY] = {1};
	struct key key = {.who = {.id = 10}, .name = "old", .since_ms = 1000};
	char text[2000];

	keys_print_server(text, sizeof text, secret, 1000);
	for (int i = 0; i < 2; i++) {
		strcat(text, "\n");
		size_t used = strlen(text);
		crypto_random(key.who.key, sizeof key.who.key);
		assert_int_equal(keys_print_line(text + used, sizeof text - used, &key, NULL), 0);
		key.who.id = 11;
		strcpy(key.name, "young");
		key.since_ms = wall_ms + 1;
		key.nat = true;
	}
	assert_int_equal(keys_parse(&keys, text, strlen(text), NULL), 0);
}

static void start_record(const char *boot)
{
	const struct rows_claims into = {&keys, claims};
	struct rows_loaded loaded;
	struct error error;

	memset(claims, 0, sizeof claims);
	event = store_start();
	assert_int_equal(store_load(db, boot, now.wall_ms, &into, &loaded, &error), 0);
	assert_int_equal(grant_start(2, loaded.about.last_grant), 0);
	assert_int_equal(judge_start(&keys, claims, WINDOW_S), 0);
	noise_start();
	tell_start();
	judge_load(&loaded, &now);
	rows_forget(&loaded);
}

static int set_up(void **state)
{
	(void)state;
	now = (struct now){.wall_ms = wall_ms, .boot_ms = 1000000};
	strcpy(folder, "/tmp/test-judge.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(db, sizeof db, "%s/state.db", folder);
	start_record("boot");
	loglines_drain();
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	store_end();
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static void pass(uint64_t ms)
{
	now.wall_ms += ms;
	now.boot_ms += ms;
	judge_clock(&now, 0);
}

static void step(int64_t ms)
{
	now.wall_ms += (uint64_t)ms;
	judge_clock(&now, ms);
}

static uint64_t wait_durable(void)
{
	struct pollfd poll_it = {.fd = event, .events = POLLIN};
	uint64_t ticket = store_hurry(), done;
	struct error error;

	for (;;) {
		store_flush(now.boot_ms);
		assert_int_equal(store_done(&done, &error), 0);
		if (done >= ticket)
			return done;
		assert_int_equal(poll(&poll_it, 1, 10000), 1);
	}
}

static void seal(uint8_t knock[static KNOCK_SIZE], int key, uint64_t time_ms,
		 const struct address *source)
{
	const struct request request = {.time_ms = time_ms, .proto = 6, .port = 22};

	assert_int_equal(knock_seal(knock, keys.server, &keys.list[key].who, &request, source), 0);
}

static bool judge(const uint8_t knock[static KNOCK_SIZE], const struct address *source)
{
	return judge_knock(knock, source, "spa", &now);
}

/* What becomes of a bound knock of this time: a durable case, or what is told. */
static const char *fate(int key, uint64_t time_ms)
{
	uint8_t knock[KNOCK_SIZE];
	struct judge_case judged;

	loglines_drain();
	seal(knock, key, time_ms, &client);
	judge(knock, &client);
	if (judge_next(&judged, wait_durable()))
		return judged.holder == (uint32_t)key ? "accepted" : "another key";
	const char *reason = strstr(loglines_next(), "reason=");
	return reason == NULL ? "silence" : reason;
}

static void waits_until_durable(void **state)
{
	uint8_t knock[KNOCK_SIZE];
	struct judge_case judged;
	struct error error;
	uint64_t done;

	(void)state;
	seal(knock, 1, now.wall_ms + 5, &client);
	assert_int_equal(store_done(&done, &error), 0);
	assert_true(judge(knock, &client));
	assert_false(judge_next(&judged, done));
	assert_int_equal(claims[1].times_ms[0], now.wall_ms + 5); /* but claimed it is */
	assert_true(judge_next(&judged, wait_durable()));
	assert_int_equal(judged.holder, 1);
	assert_int_equal(judged.request.port, 22);
	assert_true(judged.bound && address_equal(&judged.source, &client));
	assert_false(judge_next(&judged, UINT64_MAX));
	assert_int_equal(judge_record()->newest_ms, now.wall_ms);
}

static void again(void **state)
{
	uint8_t knock[KNOCK_SIZE];

	(void)state;
	seal(knock, 1, now.wall_ms + 60000, NULL);
	judge(knock, &client);
	judge(knock, &client);
	assert_int_equal(noise_counts.duplicate, 1);
	judge(knock, &elsewhere);
	assert_int_equal(noise_counts.duplicate, 1);
	assert_non_null(strstr(loglines_next(), "addr=203.0.113.9 via=spa reason=replay"));
	const struct grant grant = {
	    .holder = 1, .address = elsewhere, .until_boot_ms = now.boot_ms + 100};
	grant_add(&grant);
	judge(knock, &elsewhere);
	assert_int_equal(noise_counts.late, 1);
	assert_string_equal(loglines_next(), "");
	/* Another address; and the same one, once the window is over. */
	pass(1000);
	seal(knock, 1, now.wall_ms - 1500, NULL);
	judge(knock, &client);
	assert_non_null(strstr(loglines_next(), "reason=replay"));
	seal(knock, 1, now.wall_ms + 59500, NULL);
	judge(knock, &client);
	pass(WINDOW_S * 1000 + 1);
	judge(knock, &client);
	assert_int_equal(noise_counts.duplicate, 1);
	assert_non_null(strstr(loglines_next(), "reason=replay"));
}

static void never_ours(void **state)
{
	uint8_t knock[KNOCK_SIZE];

	(void)state;
	crypto_random(knock, sizeof knock);
	assert_false(judge(knock, &client));
	assert_int_equal(noise_counts.noise, 1);
	assert_string_equal(loglines_next(), "");
	seal(knock, 1, now.wall_ms, &client);
	assert_false(judge(knock, &elsewhere));
	assert_non_null(strstr(loglines_next(), "reason=forged"));
}

static void outside_of_the_window(void **state)
{
	(void)state;
	assert_string_equal(fate(1, now.wall_ms + WINDOW_S * 1000 + 1000), "reason=skew skew=+121");
	assert_string_equal(fate(1, now.wall_ms - WINDOW_S * 1000 - 1000), "reason=skew skew=-121");
	assert_string_equal(fate(1, now.wall_ms - WINDOW_S * 1000), "accepted");
}

/* A record knows nothing of what a key that is older had accepted before. */
static void older_than_the_record(void **state)
{
	(void)state;
	assert_string_equal(fate(0, now.wall_ms), "reason=floor");
	assert_string_equal(fate(1, now.wall_ms), "accepted");
	pass(1000);
	assert_string_equal(fate(0, wall_ms + WINDOW_S * 1000 - 1), "reason=floor");
	assert_string_equal(fate(0, wall_ms + WINDOW_S * 1000), "accepted");
}

static void set_forward(void **state)
{
	(void)state;
	pass(1000000);
	assert_string_equal(fate(0, now.wall_ms), "accepted");
	step(WINDOW_S * 1000 / 2);
	assert_string_equal(fate(0, now.wall_ms), "accepted"); /* not more than half */
	step(WINDOW_S * 1000 / 2 + 1);
	uint64_t floor = now.wall_ms + WINDOW_S * 1000;
	assert_int_equal(judge_record()->old_floor_ms, floor);
	assert_string_equal(fate(0, now.wall_ms), "reason=floor");
	assert_string_equal(fate(1, now.wall_ms), "accepted");
	store_end();
	start_record("boot");
	assert_string_equal(fate(0, floor - 1), "reason=floor");
	assert_string_equal(fate(0, floor), "accepted");
}

/* While nobody looked. */
static void set_forward_between_two_lives(void **state)
{
	(void)state;
	pass(1000000);
	assert_string_equal(fate(0, now.wall_ms), "accepted");
	store_end();
	now.wall_ms += 3600000;
	start_record("boot");
	assert_int_equal(judge_record()->old_floor_ms, now.wall_ms + WINDOW_S * 1000);
	assert_string_equal(fate(0, now.wall_ms), "reason=floor");
	/* Another boot says nothing: its clock counts from elsewhere. */
	uint64_t floor = judge_record()->old_floor_ms;
	store_end();
	now.wall_ms += 3600000;
	now.boot_ms = 7;
	start_record("another boot");
	assert_int_equal(judge_record()->old_floor_ms, floor);
}

static void set_back(void **state)
{
	(void)state;
	assert_string_equal(fate(1, now.wall_ms), "accepted");
	uint64_t newest = now.wall_ms;
	loglines_drain();
	step(-500);
	assert_true(judge_clock_behind(&now));
	assert_string_equal(loglines_next(), ""); /* too little to be told */
	step(-60000);
	assert_string_equal(loglines_next(), "event=attack what=clock-behind");
	assert_non_null(strstr(loglines_next(), "posternctl clock reset"));
	step(-10);
	assert_string_equal(loglines_next(), ""); /* once */
	assert_string_equal(fate(1, now.wall_ms), "reason=floor");
	assert_string_equal(fate(1, newest - 1), "reason=floor");
	store_end();
	start_record("boot");
	assert_string_equal(loglines_next(), "event=attack what=clock-behind");
	assert_string_equal(fate(1, now.wall_ms), "reason=floor");
	judge_clock_reset(&now);
	assert_false(judge_clock_behind(&now));
	assert_string_equal(fate(1, now.wall_ms), "accepted");
	store_end();
	start_record("boot");
	assert_false(judge_clock_behind(&now));
	assert_string_equal(fate(1, now.wall_ms), "reason=replay");
}

static void in_the_next_life(void **state)
{
	(void)state;
	assert_string_equal(fate(1, now.wall_ms + 7), "accepted");
	store_end();
	start_record("another boot");
	assert_string_equal(fate(1, now.wall_ms + 7), "reason=replay");
	assert_string_equal(fate(1, now.wall_ms + 6), "accepted"); /* bound, and new */
}

/* A number that a grant may have had before a crash is left out, not used again. */
static void numbers(void **state)
{
	uint8_t knock[KNOCK_SIZE];
	struct judge_case judged;

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		seal(knock, 1, now.wall_ms + i, &client);
		judge(knock, &client);
	}
	uint64_t done = wait_durable();
	while (judge_next(&judged, done))
		continue;
	store_end();
	start_record("boot");
	assert_int_equal(grant_last(), 3 * KEYS_DOORS);
	/* And without one, none is left out. */
	grant_add(&(struct grant){.holder = 1});
	judge_note_numbers(&now);
	store_end();
	start_record("boot");
	assert_int_equal(grant_last(), 3 * KEYS_DOORS + 1);
}

static void no_room(void **state)
{
	uint8_t knock[KNOCK_SIZE];
	struct judge_case judged;

	(void)state;
	for (uint64_t i = 0; i < JUDGE_PENDING; i++) {
		assert_true(judge_room(1));
		seal(knock, 1, now.wall_ms + i, &client);
		judge(knock, &client);
	}
	assert_false(judge_room(1));
	uint64_t done = wait_durable();
	for (uint64_t i = 0; i < JUDGE_PENDING; i++) {
		assert_true(judge_next(&judged, done));
		assert_int_equal(judged.request.time_ms, now.wall_ms + i);
	}
	assert_true(judge_room(JUDGE_PENDING));
}

static void never_durable(void **state)
{
	uint8_t knock[KNOCK_SIZE];
	struct judge_case judged;

	(void)state;
	seal(knock, 1, now.wall_ms, &client);
	judge(knock, &client);
	judge_abandon(ACCEPT_STORE, &now);
	assert_non_null(strstr(loglines_next(), "reason=store"));
	assert_false(judge_next(&judged, UINT64_MAX));
	judge(knock, &client);
	assert_int_equal(noise_counts.duplicate, 1); /* it stays claimed */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(waits_until_durable),
	    TEST(again),
	    TEST(never_ours),
	    TEST(outside_of_the_window),
	    TEST(older_than_the_record),
	    TEST(set_forward),
	    TEST(set_forward_between_two_lives),
	    TEST(set_back),
	    TEST(in_the_next_life),
	    TEST(numbers),
	    TEST(no_room),
	    TEST(never_durable),
	};

	if (crypto_start() == -1 || loglines_start("test-judge") == -1)
		return 1;
	address_parse(&client, "198.51.100.7");
	address_parse(&elsewhere, "203.0.113.9");
	make_keys();
	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
