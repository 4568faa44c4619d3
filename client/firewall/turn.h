/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One change of the host's firewall at a time: one that waits for its yes would else take out, with a no,
 * what another has put in meanwhile.
 */
#ifndef TURN_H
#define TURN_H

#include "error.h"

/* Until this process ends, and all that it has forked since. 0; -1 with the error: it is another's turn, or
 * that can't be found out. */
int turn_take(struct error *error);

#endif
