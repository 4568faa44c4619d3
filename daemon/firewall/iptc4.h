/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4's half of what differs between the families: struct ipt_entry and libip4tc.
 */
#ifndef IPTC4_H
#define IPTC4_H

#include "iptcrule.h"

extern const struct iptcrule_family iptc4_family;

#endif
