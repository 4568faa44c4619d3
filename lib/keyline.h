/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of the key file, read: a table of its fields, each with what its value must be, and
 * what they must be together. For keys.c, which makes the table of all lines; others call that.
 */
#ifndef KEYLINE_H
#define KEYLINE_H

#include <stddef.h>

#include "keys.h"

/* The line has no terminator and is not changed. *key is filled for a key; for the server's line
 * its since_ms is, and its secret stands in who.key. Otherwise *key is empty. */
enum keys_line keyline_parse(struct key *key, const char *line, size_t length, struct error *error);

#endif
