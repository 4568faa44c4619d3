/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * posternctl reload: the daemon reads its files again, and it is told what came of it.
 */
#ifndef CTL_RELOAD_H
#define CTL_RELOAD_H

#include "verb.h"

int ctl_reload(const struct verb_call *call);

#endif
