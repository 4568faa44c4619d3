/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of a firewall's log becomes a sighting. What the kernel's LOG target, nftables' log, ufw
 * (which uses the former) and ulogd2 write is one form:
 *
 *	TIME HOST kernel: [123.456] PREFIX IN=eth0 OUT= MAC=... SRC=... DST=... LEN=... PROTO=UDP ...
 *
 * Before IN= stand a time of any style, the host's name, the kernel's tag (or its stamp alone), and a
 * prefix no longer than a rule's can be. Without a tag, as ulogd2 writes, the time is with the month's
 * name, and no word of the prefix ends in a colon: it could be another program's tag. From IN= to the end
 * of the line only the names and words that there are may stand, the last IN= counts, no field that
 * matters may come twice, and there are no quotes: so neither text before it nor a line that merely
 * quotes one is taken. Pure; a line is as hostile as a packet.
 */
#ifndef LOGLINE_H
#define LOGLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "packet.h"

enum { LOGLINE_LONGEST = 2047 };

/* A line without its newline, of LOGLINE_LONGEST bytes at most. False: it is not of a packet that came
 * in; *sighting and *reason are not set. True: *reason as packet_parse has it (PACKET_LENGTH is a UDP
 * datagram too long for a port of a sequence: its payload is not in the line), *sighting zeroed where
 * it is not PACKET_OK. */
bool logline_parse(struct sighting *sighting, enum packet_reason *reason, const char *line,
		   size_t size);

/* What was read of a packet, as text: a sighting, or why not. proto is TCP or UDP, in capitals or
 * not, or their number; null: not known, and taken for TCP. dst null: not known. */
enum packet_reason logline_sighting(struct sighting *sighting, const char *src, const char *dst,
				    const char *proto, const char *dport);

#endif
