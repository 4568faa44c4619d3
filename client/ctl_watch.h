/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verb watch: what happens, as it happens. The daemon's event lines, with the time before; in
 * colours where a person looks.
 */
#ifndef CTL_WATCH_H
#define CTL_WATCH_H

#include "verb.h"

int ctl_watch(const struct verb_call *call);

#endif
