/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a knock travels: as a single packet, or as a sequence of ports, by TCP SYN or by UDP. Made
 * whole before anything is sent, so that a dry run shows just what would be.
 */
#ifndef CARRIER_H
#define CARRIER_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "knock.h"
#include "send.h"
#include "sequence.h"
#include "token.h"

enum carrier { CARRIER_SPA, CARRIER_TCP, CARRIER_UDP };

/* By the name that --via takes: "spa", "sequence" (TCP), "sequence-udp". 0 or -1. */
int carrier_parse(enum carrier *carrier, const char *text);
/* Whether the server takes it. */
int carrier_taken(enum carrier carrier, const struct token *token);
const char *carrier_protocol(enum carrier carrier); /* "tcp" or "udp" */

/* The packets of one knock. */
struct carrier_load {
	enum carrier carrier;
	unsigned n_ports;              /* packets: 1, or a sequence */
	uint16_t ports[SEQUENCE_MOST]; /* in the order of sending */
	size_t size;                   /* of the payload; 0 in a sequence */
	uint8_t payload[KNOCK_SIZE + KNOCK_TRAILER];
};

void carrier_make(struct carrier_load *load, enum carrier carrier, const struct token *token,
		  const uint8_t knock[static KNOCK_SIZE]);

/* Sends it, pausing pace_ms between packets. 0, or -1: none could be sent. */
int carrier_send(const struct carrier_load *load, const struct send_target *target,
		 uint32_t pace_ms, struct error *error);

#endif
