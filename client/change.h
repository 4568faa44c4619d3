/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The change of the host's firewall that is planned: made, tried, and kept; or everything is as it was.
 * What returns a code has said what is wrong.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "work.h"

/* Kept if somebody says yes within these seconds. */
int change_guarded(struct work *work, unsigned seconds);
int change_at_once(struct work *work);

#endif
