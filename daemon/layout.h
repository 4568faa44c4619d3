/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in the configuration's text each option and section stands, and what libconfuse would let
 * pass in silence: an option or a section that is there twice, an end of file within one, ${HOME},
 * bytes that are no text. Comments become blanks, so that they may stand everywhere.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum { LAYOUT_ENTRIES = 64, LAYOUT_KEY = 72 };

struct layout {
	size_t n;
	struct {
		char key[LAYOUT_KEY]; /* "doors", "grant", "grant.max", "source nflog.group" */
		uint32_t line;
		size_t at, end; /* of a section: where its text begins, and what follows it */
	} entries[LAYOUT_ENTRIES];
};

/* Blanks the comments of text, which is changed in place. 0; or -1 with "FILE:LINE: what". */
int layout_scan(struct layout *layout, char *text, size_t size, const char *file,
		struct error *error);

/* Where it stands, from 1; 0 = nowhere. */
uint32_t layout_line(const struct layout *layout, const char *key);

#endif
