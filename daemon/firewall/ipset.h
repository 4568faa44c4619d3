/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doors as elements of two sets of ipset's, hash:ip,port with timeouts, through libipset. A rule of
 * the administrator's accepts what is in them; we never touch it. An element goes by itself when its
 * last grant ends, in whole seconds, never later.
 */
#ifndef IPSET_H
#define IPSET_H

struct backend;

/* How a set is made, here, by posternctl and in contrib/firewall: `ipset create -exist' takes none that
 * is made otherwise. */
#define IPSET_SECONDS  1 /* the time of an element that others add without saying */
#define IPSET_ELEMENTS 131072

extern const struct backend ipset_backend;

#endif
