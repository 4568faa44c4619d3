/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verb firewall show: the rules that the host's administrator has to make, for the configuration
 * as it is, as commands of iptables that sh can run.
 */
#ifndef CTL_FIREWALL_H
#define CTL_FIREWALL_H

#include "verb.h"

int ctl_firewall_show(const struct verb_call *call);

#endif
