/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reload, from SIGHUP to what is new in force. It is asked for at any time, and begins when the children
 * work or none is left. Then everything is checked, and nothing changes if anything is wrong; else the
 * children are to end, and once they have, what is new takes over.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "children.h"
#include "supply.h"

/* Another, however many are under way. */
void reload_ask(void);

/* What can be done now: call whenever the children may have come to work, or to an end. */
void reload_turn(struct supply *supply, struct children *children, const char *path);

/* The end: what was to come does not. */
void reload_forget(void);

#endif
