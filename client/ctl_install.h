/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `posternctl firewall install`: puts the host's rules in, and takes them back unless somebody says in time
 * that they may stay.
 */
#ifndef CTL_INSTALL_H
#define CTL_INSTALL_H

#include "verb.h"

int ctl_install(const struct verb_call *call);

#endif
