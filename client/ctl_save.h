/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * posternctl firewall save: the rules that are there now, for the next start of the host.
 */
#ifndef CTL_SAVE_H
#define CTL_SAVE_H

#include "verb.h"

int ctl_save(const struct verb_call *call);

#endif
