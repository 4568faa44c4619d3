/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One raw IP packet, as the firewall dropped it, becomes a sighting: who sent what to which port.
 * Pure, and the first to read what strangers wrote; everything that is not plainly a knock's packet
 * is refused by name. Nothing is answered, nothing reassembled.
 */
#ifndef PACKET_H
#define PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "knock.h"

enum sighting_kind {
	SIGHTING_SPA = 1, /* a UDP payload of KNOCK_SIZE to KNOCK_SIZE + KNOCK_TRAILER bytes */
	SIGHTING_TOUCH    /* a TCP SYN, or a UDP datagram with less than KNOCK_SIZE bytes */
};

/* Fixed size and without padding: it travels in messages. */
struct sighting {
	struct address source;
	uint64_t time_ms; /* the packet's own, since 1970; 0 = now */
	uint16_t port;    /* destination */
	uint8_t proto;    /* 6 or 17 */
	uint8_t kind;     /* enum sighting_kind */
	uint32_t zero;
	uint8_t knock[KNOCK_SIZE]; /* of SIGHTING_SPA; else zero */
};

/* Why a packet is none. name as counted and logged. */
#define PACKET_REASONS(X)                                                                        \
	X(OK, "ok", "a sighting")                                                                \
	X(SHORT, "short", "ends before its headers do")                                          \
	X(VERSION, "version", "neither IPv4 nor IPv6")                                           \
	X(HEADER, "header", "lengths that contradict each other, or too many extension headers") \
	X(FRAGMENT, "fragment", "a fragment of a datagram")                                      \
	X(SOURCE, "source", "a source address that can be nobody's")                             \
	X(PROTOCOL, "protocol", "neither TCP nor UDP")                                           \
	X(NOT_SYN, "not-syn", "TCP, but not the first packet of a connection")                   \
	X(LENGTH, "length", "a UDP payload longer than any knock's")                             \
	X(PORT, "port", "destination port 0")

#define PACKET_ENUM(symbol, name, text) PACKET_##symbol,
enum packet_reason { PACKET_REASONS(PACKET_ENUM) PACKET_REASONS_COUNT };
#undef PACKET_ENUM

const char *packet_name(enum packet_reason reason);

/* bytes: from the IP header on, as long as captured, which must reach to the end of the headers, or
 * of the knock; what lies behind the packet's own end is the link's and ignored. IPv4 with options;
 * IPv6 (RFC 8200) with extension headers, 8 at most, and none of them a fragment header. time_ms is
 * left 0. PACKET_OK, or the reason and *sighting zeroed. */
enum packet_reason packet_parse(struct sighting *sighting, const void *bytes, size_t size);

#endif
