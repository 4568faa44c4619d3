/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv6's half of what differs between the families: struct ip6t_entry and libip6tc.
 */
#ifndef IPTC6_H
#define IPTC6_H

#include "iptcrule.h"

extern const struct iptcrule_family iptc6_family;

#endif
