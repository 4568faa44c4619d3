/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verbs of the firewall: show prints the rules that this host needs, as commands that sh can run;
 * install puts them in, and takes them back unless somebody says in time that they may stay;
 * remove takes them out.
 */
#ifndef CTL_FIREWALL_H
#define CTL_FIREWALL_H

#include "verb.h"

int ctl_firewall_show(const struct verb_call *call);
int ctl_firewall_install(const struct verb_call *call);
int ctl_firewall_remove(const struct verb_call *call);

#endif
