/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of a file that count: what stands in comments does nothing, nor what stands in strings of iptables' and
 * nft's files.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>

enum lines_kind {
	LINES_SCRIPT,   /* of a shell, or for cron: what it does stands in quotes, too */
	LINES_UNIT,     /* of systemd: what it runs, no more */
	LINES_IPTABLES, /* as iptables-save writes it */
	LINES_NFT
};

/* Leaves what counts, in place: one blank for each comment, string or more blanks than one. */
void lines_strip(char *text, enum lines_kind kind);

/* Is there a line that counts, and has these words? */
bool lines_have(const char *path, enum lines_kind kind, const char *words);

#endif
