/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule as the kernel's x_tables has it: header, matches, verdict. What both families share is
 * here; the header, whose type differs, is the family's own (iptc4.c, iptc6.c). Bytes that others
 * wrote into our chain are compared, never followed further than they reach.
 */
#ifndef IPTCRULE_H
#define IPTCRULE_H

#include <libiptc/xtcshared.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"

/* What to write. */
struct iptcrule {
	const struct rule *rule;
	uint32_t start, stop; /* wall clock, seconds since 1970, both inclusive */
	uint32_t mark;        /* its bit; 0: ACCEPT */
};

enum { IPTCRULE_HEAD = 192, IPTCRULE_SIZE = 1280, IPTCRULE_COMMENT = 80 }; /* at most */

/* An entry in the making: aligned as the kernel wants it. */
struct iptcrule_entry {
	_Alignas(8) unsigned char bytes[IPTCRULE_SIZE];
	size_t size;
};

/* Adds matches and verdict behind the header, which the family has written and whose size is
 * entry->size. Returns the verdict's offset. */
uint16_t iptcrule_add(struct iptcrule_entry *entry, const struct iptcrule *iptcrule);

/* Are the matches the same? from: where they begin in both; end: where the verdict does. */
bool iptcrule_matches_same(const void *a, const void *b, size_t from, size_t end);
/* Is this entry's verdict the one that stands at that offset in ours? name as libiptc tells it. */
bool iptcrule_verdict_same(const void *ours, const void *theirs, size_t offset, const char *name);

/* An extension that a rule may need. */
struct iptcrule_part {
	const char *name, *module;
	uint8_t revision;
	bool target;
	uint8_t proto; /* needed for doors of this protocol only; 0: always */
};
extern const struct iptcrule_part iptcrule_parts[];
extern const size_t iptcrule_n_parts;

/* What differs between the families: types. The logic over it is iptc.c. */
struct iptcrule_family {
	const char *command; /* of the person who mends it */
	const char *module;  /* "ip_tables" */
	bool v4;
	int domain, level, revision_match, revision_target; /* to ask for extensions */
	const struct xtc_ops *ops;
	int (*references)(unsigned *n, const xt_chainlabel chain, struct xtc_handle *handle);
	void (*write)(struct iptcrule_entry *entry, const struct iptcrule *iptcrule);
	int (*append)(const char *chain, const struct iptcrule_entry *entry,
		      struct xtc_handle *handle);
	const void *(*first)(const char *chain, struct xtc_handle *handle);
	const void *(*next)(const void *entry, struct xtc_handle *handle);
	bool (*same)(const struct iptcrule_entry *ours, const void *theirs,
		     struct xtc_handle *handle);
};

#endif
