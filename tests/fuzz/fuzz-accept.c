/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judgement. A server with two keys, a clock and a record of the input's choosing hears knocks
 * of the input's choosing, and claims what it accepts. No time is accepted twice, none outside of
 * the window or under the floor, all as a reference that forgets nothing decides; and what the
 * policy then opens is never more than key, server and request name. The seal is fuzz-knock's to try:
 * here a knock is opened by what stands in it, which is a hundred times as fast.
 * Input: clock and limits (31), then knocks of 10 bytes.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "accept.h"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KNOCKS = 40 }; /* more than one key's claims that are remembered, for both */

static const char key_file[] =
    "server=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE since=2026-01-01\n"
    "old id=00000001 key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI since=2026-01-02 "
    "open=tcp/22,tcp/80,udp/53 for=45s max=10m trigger=1,7 from=192.0.2.0/24\n"
    "new id=00000002 key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAM since=2026-11-23 "
    "open=tcp/22,sctp/36412 nat expires=2027-01-01\n";

static const struct door server_doors[] = {
    {.proto = 6, .port = 22}, {.proto = 17, .port = 53}, {.proto = 132, .port = 36412}};

static const struct address source = {{[10] = 0xff, 0xff, 192, 0, 2, 7}};

static struct keys keys;
static bool started;

/* What the knock holds. */
static struct {
	struct request request;
	uint32_t id;
	bool bound;
} sealed;

uint32_t __wrap_knock_id(struct crypto_block *mask, const uint8_t knock[static KNOCK_SIZE]);
uint32_t __wrap_knock_id(struct crypto_block *mask, const uint8_t knock[static KNOCK_SIZE])
{
	(void)mask;
	(void)knock;
	return sealed.id;
}

int __wrap_knock_open(struct request *request, bool *bound, const uint8_t server[static CRYPTO_KEY],
		      const struct identity *who, const uint8_t knock[static KNOCK_SIZE],
		      const struct address *from);
int __wrap_knock_open(struct request *request, bool *bound, const uint8_t server[static CRYPTO_KEY],
		      const struct identity *who, const uint8_t knock[static KNOCK_SIZE],
		      const struct address *from)
{
	(void)knock;
	assert(server == keys.server && who->id == sealed.id && from == &source);
	*request = sealed.request;
	*bound = sealed.bound;
	return 0;
}

/* What the server remembers, and what the reference does. */
struct memory {
	struct claims claims[2];
	uint64_t claimed[2][KNOCKS];
	size_t count[2];
};

static void start(void)
{
	struct error error;

	if (started)
		return;
	started = true;
	assert(crypto_start() == 0);
	assert(keys_parse(&keys, key_file, sizeof key_file - 1, &error) == 0);
}

static const struct claims *claims_of(void *context, const struct key *key)
{
	const struct memory *memory = context;

	return &memory->claims[key - keys.list];
}

static bool reference_new(const struct memory *memory, size_t k, uint64_t time_ms, bool bound)
{
	unsigned greater = 0;

	for (size_t i = 0; i < memory->count[k]; i++) {
		if (memory->claimed[k][i] == time_ms)
			return false;
		greater += memory->claimed[k][i] > time_ms;
	}
	return greater < (bound ? ACCEPT_WINDOW : 1);
}

static uint64_t reference_floor(const struct key *key, const struct accept_clock *clock)
{
	uint64_t old = key->since_ms < clock->record.made_ms ? clock->record.old_floor_ms : 0;
	uint64_t behind = clock->now_ms < clock->record.newest_ms ? clock->record.newest_ms : 0;

	return old > behind ? old : behind;
}

static bool reference_in_window(uint64_t time_ms, const struct accept_clock *clock)
{
	uint64_t window_ms = clock->window_s * UINT64_C(1000);

	return time_ms <= clock->now_ms + window_ms && clock->now_ms <= time_ms + window_ms;
}

static enum accept_reason reference(const struct memory *memory, const struct key *key,
				    const struct request *request, bool bound,
				    const struct accept_clock *clock)
{
	if (!knock_well_formed(request))
		return ACCEPT_MALFORMED;
	if (!reference_in_window(request->time_ms, clock))
		return ACCEPT_SKEW;
	if (request->time_ms < reference_floor(key, clock))
		return ACCEPT_FLOOR;
	size_t k = (size_t)(key - keys.list);
	return reference_new(memory, k, request->time_ms, bound) ? ACCEPT_OK : ACCEPT_REPLAY;
}

static void claim(struct memory *memory, size_t k, uint64_t time_ms)
{
	struct claims *claims = &memory->claims[k];

	memory->claimed[k][memory->count[k]++] = time_ms;
	accept_claim(claims, time_ms);
	assert(claims->count > 0 && claims->count <= ACCEPT_WINDOW);
	for (uint32_t i = 1; i < claims->count; i++)
		assert(claims->times_ms[i - 1] > claims->times_ms[i]);
}

static bool named(const struct door *list, uint32_t n, const struct door *door)
{
	for (uint32_t i = 0; i < n; i++)
		if (door_equal(&list[i], door))
			return true;
	return false;
}

static void check_policy(const struct key *key, const struct request *request,
			 const struct accept_limits *limits)
{
	struct door doors[KEYS_DOORS];
	uint32_t n = UINT32_MAX, seconds = 0;
	enum accept_reason reason = accept_policy(doors, &n, &seconds, key, request, limits);

	assert(reason == ACCEPT_OK || reason == ACCEPT_POLICY);
	assert(seconds >= 1 && (seconds == 1 || seconds <= limits->max_s));
	assert(key->max_s == 0 || seconds == 1 || seconds <= key->max_s);
	assert(n <= KEYS_DOORS && (reason == ACCEPT_OK || n == 0));
	assert((n > 0) == (reason == ACCEPT_OK && request->action != KNOCK_TRIGGER));
	for (uint32_t i = 0; i < n; i++) {
		assert(named(key->doors, key->n_doors, &doors[i]));
		assert(named(limits->doors, limits->n_doors, &doors[i]));
		assert(request->port == 0 ||
		       (request->port == doors[i].port && request->proto == doors[i].proto));
	}
}

static void check_permit(const struct key *key, bool bound, uint64_t now_ms)
{
	if (accept_permit(key, bound, &source, now_ms, false) == ACCEPT_OK)
		assert((bound || key->nat) && (key->expires_ms == 0 || now_ms < key->expires_ms));
	assert(accept_permit(key, bound, &source, now_ms, true) != ACCEPT_OK);
}

static void knock_once(struct memory *memory, const struct request *request, size_t k, bool bind,
		       const struct accept_clock *clock, const struct accept_limits *limits)
{
	const struct key *key = &keys.list[k];
	static const uint8_t knock[KNOCK_SIZE];
	struct verdict verdict;

	sealed.request = *request;
	sealed.id = key->who.id;
	sealed.bound = bind;
	accept_judge(&verdict, &keys, NULL, knock, &source, clock, claims_of, memory);
	assert(verdict.key == key && verdict.bound == bind);
	assert(verdict.request.time_ms == request->time_ms);
	assert(verdict.skew_ms == (int64_t)request->time_ms - (int64_t)clock->now_ms);
	assert(verdict.reason == reference(memory, key, request, bind, clock));
	if (verdict.reason == ACCEPT_OK)
		claim(memory, k, request->time_ms);
	check_permit(key, bind, clock->now_ms);
	check_policy(key, request, limits);
}

/* Ten bytes: which key and how, the time as a distance from the clock, action, proto, port. */
static void read_knock(struct reader *reader, struct memory *memory,
		       const struct accept_clock *clock, const struct accept_limits *limits)
{
	uint8_t how = reader_u8(reader);
	int16_t apart = (int16_t)reader_u16(reader);
	int64_t scale = how & 4 ? 1000 : 1;
	struct request request = {.time_ms =
				      (clock->now_ms + (uint64_t)(apart * scale)) & 0xffffffffffff,
				  .action = reader_u8(reader),
				  .proto = reader_u8(reader),
				  .port = reader_u16(reader),
				  .seconds = reader_u16(reader)};

	reader_skip(reader, 1);
	knock_once(memory, &request, how & 1, (how & 2) != 0, clock, limits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory = {.count = {0}};
	struct reader reader;

	start();
	reader_start(&reader, data, size);
	struct accept_clock clock = {.now_ms = reader_u48(&reader),
				     .window_s = reader_u16(&reader)};
	clock.record.made_ms = reader_u48(&reader);
	clock.record.old_floor_ms = reader_u48(&reader);
	clock.record.newest_ms = reader_u48(&reader);
	struct accept_limits limits = {.doors = server_doors, .n_doors = reader_u8(&reader) % 4};
	limits.default_s = reader_u16(&reader);
	limits.max_s = reader_u16(&reader);

	for (unsigned i = 0; i < KNOCKS && reader.left > 0; i++)
		read_knock(&reader, &memory, &clock, &limits);
	return 0;
}
