/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grants that live, in ascending order of their numbers: as many as fit, in memory that is there
 * from the start.
 */
#ifndef LIVING_H
#define LIVING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"

enum { LIVING_MAX = 65536 };

struct living {
	size_t n;
	struct rule list[LIVING_MAX];
};

/* Null if there is none. Holds until the next change. */
const struct rule *living_find(const struct living *living, uint64_t grant);
/* In the place of one with its number, or as one more. False: full. */
bool living_put(struct living *living, const struct rule *rule);
bool living_remove(struct living *living, uint64_t grant); /* false: it was not there */

/* Removes those that have ended by now, up to room, and copies them to ended. How many. */
size_t living_expire(struct living *living, uint64_t now_ms, struct rule *ended, size_t room);
uint64_t living_first_end(const struct living *living); /* UINT64_MAX: none lives */

#endif
