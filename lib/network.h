/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block of addresses, "192.0.2.0/24" or "2001:db8::/32"; a bare address is a block of one.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "error.h"

struct network {
	struct address base;
	uint8_t prefix; /* bits of the 16-byte form that must agree: an IPv4 /24 is 120 */
};

enum { NETWORK_TEXT = ADDRESS_TEXT + 4 };

/* Host bits that are set are an error (with the network that was probably meant). 0 or -1. */
int network_parse(struct network *network, const char *text, struct error *error);
void network_print(char text[static NETWORK_TEXT], const struct network *network);

/* ::/0 holds no IPv4 address, and 0.0.0.0/0 no IPv6 one. */
bool network_contains(const struct network *network, const struct address *address);

#endif
