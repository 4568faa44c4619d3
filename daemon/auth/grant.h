/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of living grants: one door, one address, until a moment. Found by number, by key and by
 * what ends soonest. Fixed size; nothing here talks to anyone, that is gate's.
 */
#ifndef GRANT_H
#define GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "door.h"
#include "token.h"

enum { GRANT_TABLE = 65536, GRANT_VIA = 12, GRANT_LOGINS = 16 };

enum grant_state {
	GRANT_WANTED = 1, /* by the administrator; the firewall is asked once that is on record */
	GRANT_ASKED,      /* the firewall has not answered yet */
	GRANT_OPEN,
	GRANT_RESTORED, /* open in an earlier life of this process; the firewall is asked again */
	GRANT_OVER      /* none any more; only in the record, and as long as its login may count */
};

struct grant {
	uint64_t number; /* ascending, never used twice */
	uint64_t knock; /* what it was opened by: the number of the first of all that this opened */
	uint64_t since_boot_ms, until_boot_ms;
	uint64_t since_ms, until_ms; /* wall clock, as it stood at the start */
	struct address address;
	struct door door;
	uint32_t id;
	uint32_t logins; /* accepted knocks that it stands for, at most GRANT_LOGINS */
	char key[NAME_SIZE];
	char via[GRANT_VIA];
	uint8_t state;
	uint32_t holder; /* see holder.h */

	/* grant.c's own */
	uint32_t slot, heap, newer, older, next_of_holder, next_of_bucket;
};

/* The table's memory, for holders up to count. Numbers go on after last. 0, or -1 without memory. */
int grant_start(size_t count, uint64_t last);
void grant_end(void);

/* Puts a copy of model in, with the next number, or with its own where it has one, which must be
 * greater than those that are there; without a knock, it is one of its own. Null: the table is full. Pointers hold until grant_remove. */
struct grant *grant_add(const struct grant *model);
void grant_remove(struct grant *grant);

struct grant *grant_find(uint64_t number);
struct grant *grant_soonest(void); /* of all, the one that ends first */

/* All, by number; after(number) is the first whose number is greater. */
struct grant *grant_first(void);
struct grant *grant_next(const struct grant *grant);
struct grant *grant_after(uint64_t number);

/* Those of one holder, in no order. */
struct grant *grant_first_of(uint32_t holder);
struct grant *grant_next_of(const struct grant *grant);
/* Has it one at that address? */
bool grant_is_at(uint32_t holder, const struct address *address);

/* Has the firewall opened it, in this life or an earlier one? */
bool grant_is_open(const struct grant *grant);

size_t grant_count(void);
uint64_t grant_last(void); /* the greatest number so far */

#endif
