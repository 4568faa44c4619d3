/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Would the rules that are saved do after the next start of the host what those do that are there now?
 * Found out by loading them as the host would, in a network of their own, and looking at what is there
 * then. What is open, who has been banned, and who else has rules does not matter.
 */
#ifndef SAVED_H
#define SAVED_H

#include "boot.h"

enum { SAVED_TEXT = 400 };

struct saved {
	char wrong[BOOT_FILES][SAVED_TEXT]; /* in words, of each file; "": nothing is */
};

/* By the rules that are there (rules->look), among which ours are. loader: of which kind what loads
 * iptables' files is. text: what nft's file would hold; null: what it holds. */
void saved_look(struct saved *saved, const struct rules *rules, const struct boot_store *store,
		enum ruleset_maker loader, const char *text);

/* The first of the files that something is wrong with; BOOT_FILES: none. */
enum boot_kind saved_first(const struct saved *saved);

#endif
