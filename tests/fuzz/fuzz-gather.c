/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gathering. Clients knock by their sequences, among packets of strangers and forgers, while time
 * goes on. A candidate agrees with 32 symbols, at least, that its address has sent within the window,
 * and a knock that is done comes no second time. Decoding is fuzz-sequence's to try: here only the
 * clients' knocks are found. Input: steps of three bytes, what and two of its own.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/gather.h"
#include "crypto.h"
#include "reader.h"
#include "sequence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WINDOW_S = 10, SOURCES = 16, CLIENTS = 3, N = 48, ARRIVALS = 144 };

static struct portset set;
static struct gather *gather;
static uint64_t now_ms;

static struct client {
	struct address source;
	uint8_t knock[KNOCK_SIZE], values[SEQUENCE_MOST];
	uint64_t done_ms; /* 0: never */
} clients[CLIENTS];

/* All that came from clients' addresses. */
static struct arrival {
	uint64_t at_ms;
	unsigned client;
	struct symbol symbol;
} arrivals[ARRIVALS];
static size_t n_arrivals;

/* Whose codeword is as near as the decoder finds it? */
int __wrap_sequence_decode(uint8_t knock[static KNOCK_SIZE], const struct symbol *symbols,
			   unsigned count);
int __wrap_sequence_decode(uint8_t knock[static KNOCK_SIZE], const struct symbol *symbols,
			   unsigned count)
{
	assert(count >= KNOCK_SIZE && count <= N);
	for (unsigned i = 0; i < CLIENTS; i++) {
		unsigned wrong = 0;
		for (unsigned j = 0; j < count; j++)
			wrong += clients[i].values[symbols[j].position] != symbols[j].value;
		if (2 * wrong > count - KNOCK_SIZE)
			continue;
		memcpy(knock, clients[i].knock, KNOCK_SIZE);
		return 0;
	}
	return -1;
}

static void start(void)
{
	assert(crypto_start() == 0);
	assert(portset_parse(&set, "20480-32767", NULL) == 0);
	for (unsigned i = 0; i < CLIENTS; i++) {
		assert(address_parse(&clients[i].source, "192.0.2.1") == 0);
		clients[i].source.bytes[15] = (uint8_t)(1 + i);
		memset(clients[i].knock, (int)(1 + i), KNOCK_SIZE);
		sequence_encode(clients[i].values, N, clients[i].knock);
	}
}

static bool has_sent(unsigned client, struct symbol symbol)
{
	for (size_t i = n_arrivals; i-- > 0;)
		if (arrivals[i].client == client &&
		    arrivals[i].symbol.position == symbol.position &&
		    arrivals[i].symbol.value == symbol.value)
			return now_ms - arrivals[i].at_ms < WINDOW_S * UINT64_C(1000);
	return false;
}

static void check(unsigned i, const uint8_t candidate[static KNOCK_SIZE])
{
	struct client *client = &clients[i];
	uint8_t values[SEQUENCE_MOST];
	unsigned agree = 0;

	sequence_encode(values, N, candidate);
	for (unsigned j = 0; j < N; j++)
		agree += has_sent(i, (struct symbol){(uint8_t)j, values[j]});
	assert(agree >= KNOCK_SIZE);
	if (memcmp(candidate, client->knock, KNOCK_SIZE) != 0)
		return;
	assert(client->done_ms == 0 || gather_counts(gather)->evicted > 0 ||
	       now_ms - client->done_ms >= WINDOW_S * UINT64_C(1000));
	client->done_ms = now_ms;
	gather_done(gather, &client->source, candidate, now_ms);
}

static void touch(unsigned i, unsigned position, uint8_t value)
{
	uint8_t candidates[GATHER_CANDIDATES][KNOCK_SIZE];
	struct symbol symbol = {(uint8_t)(position % N), value};

	if (n_arrivals == ARRIVALS)
		return;
	arrivals[n_arrivals++] = (struct arrival){now_ms, i, symbol};
	unsigned count = gather_touch(gather, &clients[i].source, sequence_port(&set, symbol),
				      now_ms, candidates);
	assert(count <= GATHER_CANDIDATES);
	for (unsigned j = 0; j < count; j++)
		check(i, candidates[j]);
}

static void be_a_stranger(uint8_t who, uint16_t port)
{
	uint8_t candidates[GATHER_CANDIDATES][KNOCK_SIZE];
	struct address source = clients[0].source;

	source.bytes[14] = who;
	source.bytes[15] = 77;
	gather_touch(gather, &source, port, now_ms, candidates);
}

static void step(uint8_t what, uint8_t a, uint8_t b)
{
	unsigned i = what / 4 % CLIENTS;

	switch (what % 4) {
	case 0: /* some of its knock's symbols, in this order or in the other */
		for (unsigned j = 0; j <= b % N; j++) {
			unsigned position = (b & 128 ? a + j : a + N * 6 - j) % N;
			touch(i, position, clients[i].values[position]);
		}
		break;
	case 1: /* a forger, or a scan */
		touch(i, a, b);
		break;
	case 2:
		be_a_stranger(what / 4 % 32, (uint16_t)(a << 8 | b));
		break;
	default:
		now_ms += (uint64_t)a * b;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader reader;

	if (set.count == 0)
		start();
	gather = gather_new(&set, WINDOW_S, SOURCES);
	assert(gather != NULL);
	now_ms = 1000;
	n_arrivals = 0;
	for (unsigned i = 0; i < CLIENTS; i++)
		clients[i].done_ms = 0;
	reader_start(&reader, data, size);
	while (reader.left >= 3) {
		uint8_t what = reader_u8(&reader), a = reader_u8(&reader);
		step(what, a, reader_u8(&reader));
	}
	gather_free(gather);
	return 0;
}
