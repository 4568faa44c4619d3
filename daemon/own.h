/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is an address this host's own right now, or that of everybody in one of its networks? The kernel's
 * routes know (a socket that can be bound does not: ip_nonlocal_bind). They are asked through one
 * socket, opened before lockdown and without CAP_NET_ADMIN, so that the kernel will never take
 * a change through it, whoever holds it later.
 */
#ifndef OWN_H
#define OWN_H

#include "address.h"
#include "error.h"

enum own {
	OWN_NOT,       /* somebody else's, or unreachable */
	OWN_IS,        /* ours, or broadcast, multicast, anycast */
	OWN_NO_FAMILY, /* a kernel without IPv6 */
	OWN_UNKNOWN    /* the kernel did not answer */
};

/* Takes this number. 0 or -1. */
int own_open(int descriptor, struct error *error);
enum own own_ask(int descriptor, const struct address *address);

#endif
