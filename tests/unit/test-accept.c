/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accept.h"
#include "encoding.h"

/* The reasons, as the protocol and the log name them. */

static void reasons_have_their_names_and_steps(void **state)
{
	static const struct {
		enum accept_reason reason;
		const char *name;
		unsigned step;
	} expected[] = {
	    {ACCEPT_OK, "ok", 0},
	    {ACCEPT_UNKNOWN, "unknown", 1},
	    {ACCEPT_FORGED, "forged", 2},
	    {ACCEPT_MEMORY, "memory", 2},
	    {ACCEPT_MALFORMED, "malformed", 3},
	    {ACCEPT_SKEW, "skew", 4},
	    {ACCEPT_FLOOR, "floor", 4},
	    {ACCEPT_REPLAY, "replay", 5},
	    {ACCEPT_LATE, "late", 5},
	    {ACCEPT_DUPLICATE, "duplicate", 5},
	    {ACCEPT_STORE, "store", 6},
	    {ACCEPT_EXPIRED, "expired", 7},
	    {ACCEPT_NETWORK, "network", 7},
	    {ACCEPT_UNBOUND, "unbound", 7},
	    {ACCEPT_BLOCKED, "blocked", 7},
	    {ACCEPT_RATE, "rate", 7},
	    {ACCEPT_LIMIT, "limit", 8},
	    {ACCEPT_POLICY, "policy", 8},
	    {ACCEPT_FIREWALL, "firewall", 9},
	};

	(void)state;
	assert_int_equal(COUNT(expected), ACCEPT_REASONS_COUNT);
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_int_equal(expected[i].reason, i);
		assert_string_equal(accept_name(expected[i].reason), expected[i].name);
		assert_int_equal(accept_step(expected[i].reason), expected[i].step);
		assert_true(strlen(accept_text(expected[i].reason)) > 0);
		if (i > 1)
			assert_true(expected[i].step >= expected[i - 1].step);
	}
}

/* The section on refusals in doc/log.md, up to the next one. */
static const char *documented(void)
{
	static char text[65536];
	const char *srcdir = getenv("srcdir");
	char path[4096];

	snprintf(path, sizeof path, "%s/doc/log.md", srcdir != NULL ? srcdir : ".");
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	char *section = strstr(text, "\n## reason of a refusal\n");
	assert_non_null(section);
	char *end = strstr(section + 1, "\n## ");
	if (end != NULL)
		*end = '\0';
	return section;
}

/* A row a reason that is logged, in the enum's order; behind the table those that are counted. */
static void the_log_document_lists_the_reasons(void **state)
{
	static const enum accept_reason counted[] = {ACCEPT_UNKNOWN, ACCEPT_DUPLICATE, ACCEPT_LATE};
	const char *at = documented();
	char row[64];

	(void)state;
	for (unsigned r = ACCEPT_OK + 1; r < ACCEPT_REASONS_COUNT; r++) {
		if (r == ACCEPT_UNKNOWN || r == ACCEPT_DUPLICATE || r == ACCEPT_LATE)
			continue;
		snprintf(row, sizeof row, "\n| `%s` | %u | ", accept_name(r), accept_step(r));
		at = strstr(at, "\n| `");
		if (at == NULL || strncmp(at, row, strlen(row)) != 0)
			fail_msg("doc/log.md lacks this row in its place: %s", row + 1);
		at++;
	}
	assert_null(strstr(at, "\n| `")); /* and no other */
	for (size_t i = 0; i < COUNT(counted); i++) {
		snprintf(row, sizeof row, "`%s`", accept_name(counted[i]));
		const char *name = strstr(at, row);
		assert_non_null(name);
		snprintf(row, sizeof row, "(step %u: ", accept_step(counted[i]));
		name = strstr(name, "(step ");
		assert_non_null(name);
		assert_memory_equal(name, row, strlen(row));
	}
}

/* Step 4's floor. */

static void floors_hold_older_keys_and_clocks_that_are_behind(void **state)
{
	static const struct {
		uint64_t since, now, floor;
	} cases[] = {
	    /* record made at 1000, its floor for older keys 5000, newest acceptance at 8000 */
	    {999, 8000, 5000},  {999, 9000, 5000}, {1000, 8000, 0},   {1001, 8000, 0},
	    {1000, 7999, 8000}, {1000, 0, 8000},   {999, 7999, 8000}, {0, 8001, 5000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct key key = {.since_ms = cases[i].since};
		struct accept_clock clock = {
		    .now_ms = cases[i].now, .window_s = 120, .record = {1000, 5000, 8000}};
		assert_int_equal(accept_floor(&key, &clock), cases[i].floor);
		/* The greater of two floors that hold is the one. */
		clock.record.old_floor_ms = 9000;
		if (cases[i].since < 1000)
			assert_int_equal(accept_floor(&key, &clock), 9000);
	}
}

/* Steps 1 to 5 with real knocks. */

static const uint64_t now = 1795460400000;
static const struct address here = {{[10] = 0xff, 0xff, 192, 0, 2, 7}};
static const struct address elsewhere = {{[10] = 0xff, 0xff, 192, 0, 2, 8}};

struct bench {
	struct keys keys;
	struct crypto_block *mask;
	struct claims claims;
	struct accept_clock clock;
	struct request request;
	const struct key *asked; /* whose claims were asked for */
};

static const struct claims *claims_of(void *context, const struct key *key)
{
	struct bench *bench = context;

	bench->asked = key;
	return &bench->claims;
}

static int bench_start(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);
	char server[ENCODING_BASE64_TEXT(32)], alice[sizeof server], bob[sizeof server], text[1024];
	uint8_t secret[32];
	struct error error;

	if (bench == NULL || crypto_start() != 0)
		return -1;
	char *const secrets[] = {server, alice, bob};
	for (size_t i = 0; i < COUNT(secrets); i++) {
		crypto_random(secret, sizeof secret);
		encoding_base64_encode(secrets[i], secret, sizeof secret);
	}
	int size = snprintf(text, sizeof text,
			    "server=%s since=2026-01-01\n"
			    "alice id=0011aabb key=%s since=2026-01-02 open=tcp/22\n"
			    "bob id=0011aabc key=%s since=2026-01-02 open=tcp/22 nat\n",
			    server, alice, bob);
	if (keys_parse(&bench->keys, text, (size_t)size, &error) != 0) {
		print_error("%s\n", error.text);
		return -1;
	}
	bench->mask = knock_mask(bench->keys.server);
	bench->clock = (struct accept_clock){.now_ms = now, .window_s = 120};
	bench->request = (struct request){.time_ms = now, .proto = 6, .port = 22, .seconds = 30};
	*state = bench;
	return 0;
}

static int bench_stop(void **state)
{
	struct bench *bench = *state;

	crypto_block_free(bench->mask);
	keys_free(&bench->keys);
	free(bench);
	return 0;
}

/* alice knocks with the bench's request from here; source is what the knock binds. */
static struct verdict judge(struct bench *bench, const struct address *source)
{
	uint8_t knock[KNOCK_SIZE];
	struct verdict verdict;

	memset(&verdict, 0xff, sizeof verdict);
	bench->asked = NULL;
	assert_int_equal(knock_seal(knock, bench->keys.server, &bench->keys.list[0].who,
				    &bench->request, source),
			 0);
	accept_judge(&verdict, &bench->keys, bench->mask, knock, &here, &bench->clock, claims_of,
		     bench);
	return verdict;
}

static void a_good_knock_is_accepted_and_told_in_full(void **state)
{
	struct bench *bench = *state;

	bench->request.time_ms = now - 312;
	struct verdict verdict = judge(bench, &here);
	assert_int_equal(verdict.reason, ACCEPT_OK);
	assert_ptr_equal(verdict.key, &bench->keys.list[0]);
	assert_ptr_equal(bench->asked, verdict.key);
	assert_true(verdict.bound);
	assert_int_equal(verdict.skew_ms, -312);
	assert_int_equal(verdict.request.time_ms, now - 312);
	assert_int_equal(verdict.request.port, 22);
	assert_int_equal(verdict.request.seconds, 30);
}

/* What binds no address passes these steps for any key: step 7 refuses it. */
static void an_unbound_knock_is_known_as_such(void **state)
{
	struct verdict verdict = judge(*state, NULL);

	assert_int_equal(verdict.reason, ACCEPT_OK);
	assert_false(verdict.bound);
}

static void noise_is_nobodys(void **state)
{
	struct bench *bench = *state;
	uint8_t knock[KNOCK_SIZE];
	struct verdict verdict;

	for (unsigned i = 0; i < 1000; i++) {
		crypto_random(knock, sizeof knock);
		memset(&verdict, 0xff, sizeof verdict);
		accept_judge(&verdict, &bench->keys, bench->mask, knock, &here, &bench->clock,
			     claims_of, bench);
		assert_int_equal(verdict.reason, ACCEPT_UNKNOWN);
		assert_null(verdict.key);
		assert_int_equal(verdict.request.time_ms, 0);
	}
	assert_null(bench->asked);
}

static void a_knock_for_another_address_is_forged(void **state)
{
	struct bench *bench = *state;
	struct verdict verdict = judge(bench, &elsewhere);

	assert_int_equal(verdict.reason, ACCEPT_FORGED);
	assert_ptr_equal(verdict.key, &bench->keys.list[0]);
	assert_null(bench->asked);
	assert_int_equal(verdict.request.time_ms, 0);
}

static void assert_verdict(struct bench *bench, uint64_t time_ms, enum accept_reason reason)
{
	bench->request.time_ms = time_ms;
	struct verdict verdict = judge(bench, &here);
	assert_string_equal(accept_name(verdict.reason), accept_name(reason));
	assert_int_equal(verdict.skew_ms, (int64_t)time_ms - (int64_t)bench->clock.now_ms);
}

static void the_window_is_closed_at_both_ends(void **state)
{
	struct bench *bench = *state;

	assert_verdict(bench, now - 120000, ACCEPT_OK);
	assert_verdict(bench, now - 120001, ACCEPT_SKEW);
	assert_verdict(bench, now + 120000, ACCEPT_OK);
	assert_verdict(bench, now + 120001, ACCEPT_SKEW);
	assert_verdict(bench, 0, ACCEPT_SKEW);
	assert_verdict(bench, 0xffffffffffff, ACCEPT_SKEW);
	bench->clock.now_ms = 0;
	assert_verdict(bench, 0, ACCEPT_OK);
	assert_verdict(bench, 120000, ACCEPT_OK);
	assert_verdict(bench, 120001, ACCEPT_SKEW);
	bench->clock.now_ms = 0xffffffffffff + UINT64_C(1);
	assert_verdict(bench, 0xffffffffffff, ACCEPT_OK);
	assert_verdict(bench, 0, ACCEPT_SKEW);
	bench->clock.window_s = 0;
	assert_verdict(bench, 0xffffffffffff, ACCEPT_SKEW);
	bench->clock.now_ms = now;
	assert_verdict(bench, now, ACCEPT_OK);
	assert_verdict(bench, now - 1, ACCEPT_SKEW);
	/* More than 2^32 milliseconds, less than 2^48. */
	bench->clock.window_s = UINT32_MAX;
	assert_verdict(bench, 0, ACCEPT_OK);
	assert_verdict(bench, now + 1000 * (uint64_t)UINT32_MAX, ACCEPT_OK);
	assert_verdict(bench, now + 1000 * (uint64_t)UINT32_MAX + 1, ACCEPT_SKEW);
}

static void the_floor_itself_is_above_the_floor(void **state)
{
	struct bench *bench = *state;

	bench->clock.record = (struct record_clock){.made_ms = now, .old_floor_ms = now + 50};
	assert_verdict(bench, now + 49, ACCEPT_FLOOR);
	assert_verdict(bench, now + 50, ACCEPT_OK);
	bench->clock.record = (struct record_clock){.newest_ms = now + 70};
	assert_verdict(bench, now + 69, ACCEPT_FLOOR);
	assert_verdict(bench, now + 70, ACCEPT_OK);
	bench->clock.record.newest_ms = now;
	assert_verdict(bench, now - 1, ACCEPT_OK);
}

/* Each fault is put right in turn, from the first step on: always the first that is left counts. */
static void the_first_step_that_fails_is_the_reason(void **state)
{
	struct bench *bench = *state;

	bench->clock.record.newest_ms = now + 1000000;
	bench->request.action = 3;
	accept_claim(&bench->claims, now - 200000);
	accept_claim(&bench->claims, now + 1);

	assert_verdict(bench, now - 200000, ACCEPT_MALFORMED);
	assert_null(bench->asked);
	bench->request.action = KNOCK_OPEN;
	assert_verdict(bench, now - 200000, ACCEPT_SKEW);
	assert_verdict(bench, now + 1, ACCEPT_FLOOR);
	assert_null(bench->asked);
	bench->clock.record.newest_ms = now;
	assert_verdict(bench, now + 1, ACCEPT_REPLAY);
	assert_ptr_equal(bench->asked, &bench->keys.list[0]);
	assert_verdict(bench, now + 2, ACCEPT_OK);
}

static void bound_and_unbound_have_their_own_rule(void **state)
{
	struct bench *bench = *state;

	accept_claim(&bench->claims, now);
	bench->request.time_ms = now - 1;
	assert_int_equal(judge(bench, &here).reason, ACCEPT_OK);
	assert_int_equal(judge(bench, NULL).reason, ACCEPT_REPLAY);
	bench->request.time_ms = now + 1;
	assert_int_equal(judge(bench, &here).reason, ACCEPT_OK);
	assert_int_equal(judge(bench, NULL).reason, ACCEPT_OK);
}

/* Step 7. */

static struct network network(const char *text)
{
	struct network network;

	assert_int_equal(network_parse(&network, text, NULL), 0);
	return network;
}

static void permit_asks_in_the_protocols_order(void **state)
{
	struct network near = network("192.0.2.0/24"), far = network("198.51.100.0/24");
	struct network both_of[] = {far, near};
	struct key key = {.expires_ms = now, .from = &far, .n_from = 1};

	(void)state;
	assert_int_equal(accept_permit(&key, false, &here, now, true), ACCEPT_EXPIRED);
	assert_int_equal(accept_permit(&key, false, &here, now - 1, true), ACCEPT_NETWORK);
	key.from = both_of;
	key.n_from = 2;
	assert_int_equal(accept_permit(&key, false, &here, now - 1, true), ACCEPT_UNBOUND);
	assert_int_equal(accept_permit(&key, true, &here, now - 1, true), ACCEPT_BLOCKED);
	assert_int_equal(accept_permit(&key, true, &here, now - 1, false), ACCEPT_OK);
	key.nat = true;
	assert_int_equal(accept_permit(&key, false, &here, now - 1, true), ACCEPT_BLOCKED);
	assert_int_equal(accept_permit(&key, false, &here, now - 1, false), ACCEPT_OK);
	key = (struct key){0};
	assert_int_equal(accept_permit(&key, true, &here, UINT64_MAX, false), ACCEPT_OK);
}

/* Step 8. */

static struct door doors_22_80[] = {{.proto = 6, .port = 22}, {.proto = 6, .port = 80}};
static const struct door doors_53_22[] = {{.proto = 17, .port = 53}, {.proto = 6, .port = 22}};
static const struct accept_limits limits = {
    .doors = doors_53_22, .n_doors = 2, .default_s = 30, .max_s = 3600};

static void policy_opens_what_key_and_server_both_name(void **state)
{
	struct key key = {.doors = doors_22_80, .n_doors = 2};
	static const struct {
		uint8_t proto;
		uint16_t port;
		enum accept_reason reason;
	} cases[] = {
	    {6, 22, ACCEPT_OK},      {0, 0, ACCEPT_OK},       {6, 80, ACCEPT_POLICY},
	    {17, 53, ACCEPT_POLICY}, {17, 22, ACCEPT_POLICY}, {6, 443, ACCEPT_POLICY},
	};
	struct door doors[KEYS_DOORS];
	uint32_t n, seconds;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		struct request request = {.action = i % 2 ? KNOCK_OPEN : KNOCK_CLOSE,
					  .proto = cases[i / 2].proto,
					  .port = cases[i / 2].port};
		n = 99;
		assert_int_equal(accept_policy(doors, &n, &seconds, &key, &request, &limits),
				 cases[i / 2].reason);
		assert_int_equal(n, cases[i / 2].reason == ACCEPT_OK);
		if (n == 1)
			assert_true(door_equal(&doors[0], &doors_22_80[0]));
	}
	/* A key without doors, a server without doors. */
	struct request all = {.action = KNOCK_OPEN};
	struct key none = {0};
	struct accept_limits closed = limits;
	closed.n_doors = 0;
	assert_int_equal(accept_policy(doors, &n, &seconds, &none, &all, &limits), ACCEPT_POLICY);
	assert_int_equal(accept_policy(doors, &n, &seconds, &key, &all, &closed), ACCEPT_POLICY);
	assert_int_equal(n, 0);
}

static void policy_gives_all_the_doors_there_can_be(void **state)
{
	struct door many[KEYS_DOORS], doors[KEYS_DOORS];
	struct key key = {.doors = many, .n_doors = KEYS_DOORS};
	struct accept_limits all = {
	    .doors = many, .n_doors = KEYS_DOORS, .default_s = 1, .max_s = 1};
	struct request request = {.action = KNOCK_OPEN};
	uint32_t n, seconds;

	(void)state;
	for (uint16_t i = 0; i < KEYS_DOORS; i++)
		many[i] = (struct door){.proto = 132, .port = (uint16_t)(1000 + i)};
	assert_int_equal(accept_policy(doors, &n, &seconds, &key, &request, &all), ACCEPT_OK);
	assert_int_equal(n, KEYS_DOORS);
	assert_memory_equal(doors, many, sizeof doors);
}

static void policy_pulls_the_keys_triggers_only(void **state)
{
	uint16_t triggers[] = {7, 65535};
	struct key key = {
	    .doors = doors_22_80, .n_doors = 2, .triggers = triggers, .n_triggers = 2};
	struct door doors[KEYS_DOORS];
	uint32_t n, seconds;

	(void)state;
	for (unsigned number = 1; number <= 65535; number++) {
		struct request request = {.action = KNOCK_TRIGGER, .port = (uint16_t)number};
		n = 99;
		assert_int_equal(accept_policy(doors, &n, &seconds, &key, &request, &limits),
				 number == 7 || number == 65535 ? ACCEPT_OK : ACCEPT_POLICY);
		assert_int_equal(n, 0);
	}
	for (unsigned action = 3; action < 256; action++) {
		struct request request = {.action = (uint8_t)action, .port = 7};
		assert_int_equal(accept_policy(doors, &n, &seconds, &key, &request, &limits),
				 ACCEPT_POLICY);
	}
}

static void policy_clips_the_time(void **state)
{
	static const struct {
		uint16_t asked;
		uint32_t for_s, max_s, server_default, server_max, expected;
	} cases[] = {
	    {0, 0, 0, 30, 3600, 30},   /* nobody says: the server's */
	    {0, 60, 0, 30, 3600, 60},  /* the key's own default */
	    {10, 60, 0, 30, 3600, 10}, /* the request's */
	    {3600, 0, 0, 30, 3600, 3600},
	    {3601, 0, 0, 30, 3600, 3600},
	    {65535, 0, 300, 30, 3600, 300},   /* the key's limit */
	    {65535, 0, 7200, 30, 3600, 3600}, /* which cannot raise the server's */
	    {0, 600, 300, 30, 3600, 300},
	    {0, 0, 20, 30, 3600, 20},
	    {0, 0, 0, 30, 10, 10},
	    {0, 0, 0, 0, 3600, 1},
	    {1, 0, 0, 30, 3600, 1},
	};
	struct door doors[KEYS_DOORS];
	uint32_t n, seconds;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct key key = {.doors = doors_22_80,
				  .n_doors = 2,
				  .for_s = cases[i].for_s,
				  .max_s = cases[i].max_s};
		struct request request = {.action = KNOCK_OPEN, .seconds = cases[i].asked};
		struct accept_limits l = limits;
		l.default_s = cases[i].server_default;
		l.max_s = cases[i].server_max;
		assert_int_equal(accept_policy(doors, &n, &seconds, &key, &request, &l), ACCEPT_OK);
		assert_int_equal(seconds, cases[i].expected);
		/* seconds in a close mean nothing. */
		request.action = KNOCK_CLOSE;
		accept_policy(doors, &n, &seconds, &key, &request, &l);
		request.seconds = 0;
		uint32_t without = seconds;
		accept_policy(doors, &n, &seconds, &key, &request, &l);
		assert_int_equal(seconds, without);
	}
}

int main(void)
{
#define WITH_BENCH(test) cmocka_unit_test_setup_teardown(test, bench_start, bench_stop)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reasons_have_their_names_and_steps),
	    cmocka_unit_test(the_log_document_lists_the_reasons),
	    cmocka_unit_test(floors_hold_older_keys_and_clocks_that_are_behind),
	    WITH_BENCH(a_good_knock_is_accepted_and_told_in_full),
	    WITH_BENCH(an_unbound_knock_is_known_as_such),
	    WITH_BENCH(noise_is_nobodys),
	    WITH_BENCH(a_knock_for_another_address_is_forged),
	    WITH_BENCH(the_window_is_closed_at_both_ends),
	    WITH_BENCH(the_floor_itself_is_above_the_floor),
	    WITH_BENCH(the_first_step_that_fails_is_the_reason),
	    WITH_BENCH(bound_and_unbound_have_their_own_rule),
	    cmocka_unit_test(permit_asks_in_the_protocols_order),
	    cmocka_unit_test(policy_opens_what_key_and_server_both_name),
	    cmocka_unit_test(policy_gives_all_the_doors_there_can_be),
	    cmocka_unit_test(policy_pulls_the_keys_triggers_only),
	    cmocka_unit_test(policy_clips_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
