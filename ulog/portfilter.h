/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own sieve before a pcap source: of all that the host receives, only what could be a
 * knock's packet is handed on. Made from the port sets by libpcap's compiler, for packet sockets
 * without link header (SOCK_DGRAM). Written by nobody but us: it is no option.
 */
#ifndef PORTFILTER_H
#define PORTFILTER_H

#include <linux/filter.h>

#include "error.h"
#include "source.h"

enum {
	PORTFILTER_LENGTH = 4096, /* BPF_MAXINSNS: of instructions */
	PORTFILTER_SNAP = 256     /* bytes of a packet: its headers, and the knock */
};

struct portfilter {
	struct sock_fprog program;
	struct sock_filter code[PORTFILTER_LENGTH];
};

/* To us, by UDP to a port of any set, or the first packet of a TCP connection to one of sequence or
 * code; IPv4 and IPv6 (without extension headers, which no client of ours sends). Of fragments at most
 * the first, for the parser to refuse. The kernel has taken off a VLAN's tag before; what is behind a
 * second one is for the VLAN's own interface, if there is one. 0 or -1. */
int portfilter_make(struct portfilter *filter, const struct source_config *config,
		    struct error *error);

#endif
