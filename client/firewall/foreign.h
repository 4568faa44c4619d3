/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of other hands in Postern's own chains: these are made anew each time, so such a rule would be lost
 * without a word. It belongs into the host's chain from which the one rule leads to them.
 */
#ifndef FOREIGN_H
#define FOREIGN_H

#include "rules.h"

/* Tells of the first of them, and how it is put there, or of one that leads there and can't be taken out;
 * false: there is none. */
bool foreign_told(const struct rules *rules);

/* Tells of the first rule that a file of iptables-save's can't hold; false: there is none. */
bool foreign_broken_told(const struct rules *rules);

#endif
