/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of ports, "53,443,20480-32767": the knock ports of a server. Ascending order gives each
 * port its rank, which is what the port sequence and the rolling code count in.
 */
#ifndef PORTSET_H
#define PORTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
	PORTSET_RANGES = 32,                   /* more is refused by portset_parse */
	PORTSET_TEXT = PORTSET_RANGES * 12 + 1 /* "65535-65535," each */
};

struct portset {
	uint32_t count;   /* ports in all; 0 = the empty set, a carrier that is not taken */
	uint32_t n_ranges;
	struct {
		uint16_t first, last; /* first <= last; ascending, apart from each other */
	} ranges[PORTSET_RANGES];
};

/* Ports are 1-65535, "a" or "a-b", comma between, in any order; touching ranges are joined. A port
 * that is named twice, an empty item, a blank or a descending range is an error. The empty string
 * is the empty set. Returns 0, or -1 and leaves *set as it was. */
int portset_parse(struct portset *set, const char *text, struct error *error);
void portset_print(char text[static PORTSET_TEXT], const struct portset *set);

bool portset_contains(const struct portset *set, uint16_t port);
int32_t portset_rank(const struct portset *set, uint16_t port); /* 0 .. count-1, or -1 */
uint16_t portset_nth(const struct portset *set, uint32_t rank); /* rank < count */

#endif
