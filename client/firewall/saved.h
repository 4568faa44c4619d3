/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Would the rules that are saved do after the next start of the host what those do that are there now?
 * Found out by loading them as the host would, in a network of their own, and looking at what is there
 * then. What is open, who has been banned, and who else has rules does not matter.
 */
#ifndef SAVED_H
#define SAVED_H

#include "boot.h"

enum { SAVED_TEXT = 800 };

struct saved {
	char wrong[BOOT_FILES][SAVED_TEXT]; /* in words, of each file; "": nothing is */
	char lost[BOOT_FILES][SAVED_TEXT];  /* a second way in, which is none then; or "" */
	bool refused;                       /* nft does not take its file at all */
	bool later;                         /* ... until more interfaces are there */
};

/* What is loaded. */
struct saved_trial {
	const struct rules *rules;       /* those that are there, among which ours are */
	const struct boot_store *store;  /* theirs */
	const struct boot_store *beside; /* what is loaded after it; null: nothing */
	enum ruleset_maker loader;       /* by which kind of iptables; or by nft */
	const char *text;                /* instead of what is in nft's file, or null */
};

void saved_look(struct saved *saved, const struct saved_trial *trial);

/* Does what is loaded after it make rules that are there now, too? */
bool saved_is_in_force(const struct saved_trial *trial);

/* Has its store rules of the host's own, on the way in, and is none of these there now? Then nothing has loaded
 * it: of each file why it can't be, or "". */
bool saved_is_unloaded(struct saved *saved, const struct saved_trial *trial);

/* The first of the files that something is wrong with; BOOT_FILES: none. */
enum boot_kind saved_first(const struct saved *saved);

#endif
