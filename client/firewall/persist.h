/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules after the next start of the host: the files that what loads them reads, and whether they
 * have Postern's.
 */
#ifndef PERSIST_H
#define PERSIST_H

#include "boot.h"
#include "rules.h"
#include "saved.h"

/* By the rules that are there (rules->look). */

/* What is to be done so that the host has them again. */
void persist_tell(const struct rules *rules, const char *config_path);
/* And what of them is still there, or will be again, once they are removed. */
void persist_tell_removed(const struct rules *rules, const char *config_path);

/* The first file that has Postern's rules still, once they were removed; null: none, or something else makes
 * them anew. */
const char *persist_still(const struct rules *rules);

/* Has the host started without a file that has them, and so without its own rules in it, too? */
struct persist_unloaded {
	const char *path;
	char wrong[SAVED_TEXT];  /* why it can't be loaded; "": it can */
	char command[BOOT_LOAD]; /* that loads it, or is to make that possible */
	char advice[BOOT_LOAD];  /* "load it first (COMMAND), or remove it" */
};
bool persist_is_unloaded(struct persist_unloaded *unloaded, const struct rules *rules);

/* Are there any now? */
bool persist_has_ours(const struct rules *rules);

/* Puts them there: with nft as a block of lines, else all rules that there are, but no grant. 0; or -1 with
 * what is wrong, and no file was changed. */
int persist_save(const struct rules *rules, struct error *error);
/* Would that be done? */
bool persist_can(const struct rules *rules);

/* The file, or the first of them, that it writes. */
const char *persist_file(const struct rules *rules);

#endif
