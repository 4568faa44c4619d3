/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NFLOG: the packets that a rule "-j NFLOG --nflog-group N" copies to userspace, both families, over
 * nfnetlink. One descriptor a group. The administrator's rule sets the threshold: 1 where delay
 * matters, more where a flood is taken.
 */
#ifndef NFLOG_H
#define NFLOG_H

#include "source.h"

extern const struct source nflog_source;

/* What the kernel sent in one datagram: any number of netlink messages, each with a packet. Apart
 * from read so that it can be fuzzed. Messages that are none of NFLOG's are passed over; -1 where
 * one is malformed, and what follows it is left. */
int nflog_parse(const void *datagram, size_t size, source_take *take, void *context,
		struct source_news *news);

#endif
