/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "carrier.h"

#include <string.h>

#include "clock.h"
#include "portset.h"

static const char *const names[] = {"spa", "sequence", "sequence-udp"};

int carrier_parse(enum carrier *carrier, const char *text)
{
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			*carrier = (enum carrier)i;
			return 0;
		}
	return -1;
}

int carrier_taken(enum carrier carrier, const struct token *token)
{
	if (carrier == CARRIER_SPA)
		return token->spa.count > 0;
	return sequence_positions(&token->sequence) > 0;
}

const char *carrier_protocol(enum carrier carrier)
{
	return carrier == CARRIER_TCP ? "tcp" : "udp";
}

/* Uniform enough: the bias is below 2^-16. */
static uint32_t random_below(uint32_t limit)
{
	uint32_t random;
	crypto_random(&random, sizeof random);
	return (uint32_t)(((uint64_t)random * limit) >> 32);
}

static void make_packet(struct carrier_load *load, const struct token *token,
			const uint8_t knock[static KNOCK_SIZE])
{
	uint32_t trailer = random_below(KNOCK_TRAILER + 1);
	load->n_ports = 1;
	load->ports[0] = portset_nth(&token->spa, random_below(token->spa.count));
	load->size = KNOCK_SIZE + trailer;
	memcpy(load->payload, knock, KNOCK_SIZE);
	crypto_random(load->payload + KNOCK_SIZE, trailer);
}

static void make_sequence(struct carrier_load *load, const struct token *token,
			  const uint8_t knock[static KNOCK_SIZE])
{
	uint8_t values[SEQUENCE_MOST];
	load->size = 0;
	load->n_ports = sequence_positions(&token->sequence);
	sequence_encode(values, load->n_ports, knock);
	for (unsigned i = 0; i < load->n_ports; i++) {
		struct symbol symbol = {.position = (uint8_t)i, .value = values[i]};
		unsigned j = random_below(i + 1); /* shuffled as it is filled */
		load->ports[i] = load->ports[j];
		load->ports[j] = sequence_port(&token->sequence, symbol);
	}
}

void carrier_make(struct carrier_load *load, enum carrier carrier, const struct token *token,
		  const uint8_t knock[static KNOCK_SIZE])
{
	load->carrier = carrier;
	if (carrier == CARRIER_SPA)
		make_packet(load, token, knock);
	else
		make_sequence(load, token, knock);
}

int carrier_send(const struct carrier_load *load, const struct send_target *target,
		 uint32_t pace_ms, struct error *error)
{
	unsigned sent = 0;
	for (unsigned i = 0; i < load->n_ports; i++) {
		int failed =
		    load->carrier == CARRIER_TCP
			? send_syn(target, load->ports[i], error)
			: send_packet(target, load->ports[i], load->payload, load->size, error);
		sent += failed == 0;
		if (pace_ms > 0 && i + 1 < load->n_ports)
			clock_pause(pace_ms);
	}
	return sent > 0 ? 0 : -1;
}
