/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs that print a list which the daemon keeps: grants, blocks, history.
 */
#ifndef CTL_LIST_H
#define CTL_LIST_H

#include "verb.h"

int ctl_list_grants(const struct verb_call *call);
int ctl_list_blocks(const struct verb_call *call);
int ctl_list_history(const struct verb_call *call);

#endif
