/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One IP address of either family, in 16 bytes as the protocol carries it: IPv4 stands in its
 * v4-mapped form (RFC 4291, 2.5.5.2), so both families are compared, sealed and stored alike.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

struct address {
	uint8_t bytes[16]; /* network order */
};

enum { ADDRESS_TEXT = 46 }; /* longest printed form with its terminator */

/* Reads dotted quad or RFC 4291 text. "::ffff:192.0.2.7" counts as IPv4. A zone ("%eth0"), blanks
 * or anything left over is refused. Returns 0, or -1 and leaves *address as it was. */
int address_parse(struct address *address, const char *text);

/* RFC 5952 form; IPv4 as dotted quad. */
void address_print(char text[static ADDRESS_TEXT], const struct address *address);

/* From the 4 bytes of an IPv4 header, network order. */
void address_from_v4(struct address *address, const uint8_t four[static 4]);

bool address_is_v4(const struct address *address);
bool address_equal(const struct address *a, const struct address *b);

/* An address that no knock can come from and no grant may be for: unspecified, loopback,
 * multicast, broadcast, reserved (240/4), "this network" (0/8), link-local. */
bool address_is_nobodys(const struct address *address);

#endif
