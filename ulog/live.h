/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "source pcap" on interfaces: what a packet socket hears, before any firewall, through a filter
 * that is locked. One descriptor an interface, or one for "any". An interface may come later, go,
 * and come back: posternd is woken by the kernel (rtnetlink, whose messages it does not read), and
 * binds the same socket anew, so capture needs no restart.
 */
#ifndef LIVE_H
#define LIVE_H

#include "source.h"

extern const struct source live_source;

#endif
