/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs by which the administrator has the daemon do something: open, close, block, unblock, clock
 * reset.
 */
#ifndef CTL_ADMIN_H
#define CTL_ADMIN_H

#include "verb.h"

int ctl_admin_open(const struct verb_call *call);
int ctl_admin_close(const struct verb_call *call);
int ctl_admin_block(const struct verb_call *call);
int ctl_admin_unblock(const struct verb_call *call);
int ctl_admin_clock_reset(const struct verb_call *call);

#endif
