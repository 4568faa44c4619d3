/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `posternctl firewall show`: the rules that this host needs, as commands that sh can run.
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "verb.h"

int ctl_show(const struct verb_call *call);

#endif
