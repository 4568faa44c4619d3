/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The xtables lock, which all that edit the legacy tables take, so that no edit is lost: flock(2) on
 * a file. Its descriptor comes from posternd, opened for this process alone, since a lock belongs to
 * the open description. From within an empty root its path cannot be seen; but a file that was removed
 * or replaced has no link left, and its lock means nothing to others: then this process ends, to be
 * given the new one.
 */
#ifndef IPTCLOCK_H
#define IPTCLOCK_H

#include <stdbool.h>

#include "error.h"

/* Waits for it up to 10 s. 0 or -1. Ends the process if it was removed, or another put in its place. */
int iptclock_take(int lock, struct error *error);
bool iptclock_try(int lock); /* without waiting, and without an end: is it ours now? */
void iptclock_release(int lock);

#endif
