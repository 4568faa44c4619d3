/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two address families: backends do for each of them, by itself, what they do.
 */
#ifndef FAMILY_H
#define FAMILY_H

#include <stdbool.h>
#include <stddef.h>

#include "backend.h"

bool family_absent(bool v4); /* from this kernel */
/* Is there one of the family among the rules? */
bool family_any(const struct rule *rules, size_t n, bool v4);
/* Adds what a look at one family found to what was found before: what a commit can mend comes first,
 * then the first thing that it can't. */
void family_find(enum backend_state *found, struct error *error, enum backend_state state,
		 const struct error *why);

#endif
