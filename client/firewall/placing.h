/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the one rule goes among the rules that nft's file makes, which may be others than those that are
 * there now: found out by loading the file, without Postern's lines, in a network of its own.
 */
#ifndef PLACING_H
#define PLACING_H

#include "rules.h"

enum { PLACING_CHAIN = 128 };

struct placing {
	char chain
	    [PLACING_CHAIN]; /* "": the file makes none like that of now, or it can't be seen */
	uint32_t number;     /* the rule before which it goes; 0: at the end */
};

/* For each of these, of a table each. */
void placing_in_file(struct placing places[static 2], const struct rules parts[static 2], size_t n);

#endif
