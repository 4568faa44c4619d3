/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `posternctl firewall remove`: takes Postern's rules out, whoever has put them in.
 */
#ifndef CTL_REMOVE_H
#define CTL_REMOVE_H

#include "verb.h"

int ctl_remove(const struct verb_call *call);

#endif
