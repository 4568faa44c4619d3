/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A door: what a knock opens, as "tcp/22". Protocols are those that the request can name.
 */
#ifndef DOOR_H
#define DOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

enum { DOOR_TCP = 6, DOOR_UDP = 17, DOOR_SCTP = 132 }; /* IANA protocol numbers */
enum { DOOR_TEXT = 11 };                               /* "sctp/65535" */

struct door {
	uint16_t port;
	uint8_t proto;
	uint8_t zero; /* keeps the struct without padding: it travels in messages */
};

/* "tcp/22", "udp/1194", "sctp/36412"; port 1-65535. 0, or -1 and leaves *door as it was. */
int door_parse(struct door *door, const char *text, struct error *error);
void door_print(char text[static DOOR_TEXT], const struct door *door);
bool door_equal(const struct door *a, const struct door *b);
bool door_proto_known(uint8_t proto);

#endif
