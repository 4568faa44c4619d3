/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings in what iptables-save and nft print. One begins with a quote at the beginning of a word; what it
 * holds (the comment of a rule, the prefix of a log) may read as a rule, and go on in the next line.
 */
#ifndef QUOTE_H
#define QUOTE_H

#include <stdbool.h>

enum { QUOTE_MOST = 4096 }; /* longer ones are none */

/* Where the string ends (behind its last quote) that begins here, at a word's beginning; null: there is none.
 * iptables-save puts a backslash before a quote in it; nft knows no such thing. */
const char *quote_end(const char *at, bool nft);

/* The next place in this text after at: behind the string, if one begins there. */
const char *quote_step(const char *text, const char *at, bool nft);

#endif
