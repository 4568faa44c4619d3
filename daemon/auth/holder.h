/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who holds a grant: a key, by its place in the key file, or the administrator, who has opened a door
 * by hand.
 */
#ifndef HOLDER_H
#define HOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "keys.h"

/* keys must outlive it. */
void holder_start(const struct keys *keys);

/* All holders have lesser numbers: keys->count and one more. */
uint32_t holder_count(void);
uint32_t holder_admin(void);

/* The administrator's has a name ("admin"), which a key may have as well, and the id 0, which none
 * has; and may do nothing. */
const struct key *holder_key(uint32_t holder);

/* Who it was when it was recorded. False: nobody any more. */
bool holder_find(uint32_t *holder, uint32_t id, const char *name);

#endif
