/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs that ask the daemon, over its control socket: status, grants, close, clock reset.
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "verb.h"

int ctl_ask_status(const struct verb_call *call);
int ctl_ask_grants(const struct verb_call *call);
int ctl_ask_close(const struct verb_call *call);
int ctl_ask_clock_reset(const struct verb_call *call);

#endif
