/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses that the administrator has blocked: no knock from there is accepted, and nobody who comes
 * from there is let in. By the wall clock, since a block outlasts the boot; fixed size, on record.
 */
#ifndef BLOCK_H
#define BLOCK_H

#include <stdbool.h>

#include "address.h"
#include "rows.h"
#include "wall.h"

void block_start(const struct rows_loaded *loaded);

/* until_ms: of the wall clock; 0: for good. Replaces an earlier one. False: there are ROWS_BLOCKS
 * already. What it changes goes to the record with the next batch. */
bool block_put(const struct address *address, uint64_t until_ms, const struct now *now);
/* Whether it was blocked. */
bool block_lift(const struct address *address, const struct now *now);

bool block_has(const struct address *address, const struct now *now);

/* In the order of addresses: the first after this one (null: of all) that is in force. Null: none. */
const struct rows_block *block_after(const struct address *address, const struct now *now);
size_t block_count(const struct now *now);

#endif
