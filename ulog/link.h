/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands around an IP packet in a file of packets: the header of a link, and tags of VLANs.
 * Pure. What lies within is for packet.h.
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

/* Types of links, by the numbers that libpcap gives them (DLT_...). */
enum {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW = 12,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_V4 = 228,
	LINK_V6 = 229,
	LINK_SLL2 = 276
};

bool link_known(int type);

/* A frame of this type, from its first byte on; with tags of VLANs (802.1Q, 802.1ad), 4 at most. What
 * carries no IP is PACKET_VERSION; so is a type that is not known. As packet_parse else. */
enum packet_reason link_frame(struct sighting *sighting, int type, const void *bytes, size_t size);

#endif
