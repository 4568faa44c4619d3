/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The next start of the host: in which files its rules are saved, what loads these files, and what is to
 * be done so that something does.
 */
#ifndef BOOT_H
#define BOOT_H

#include <stdbool.h>

#include "rules.h"

/* In the order in which they are loaded: rules that name a set which is not there are not. */
enum boot_kind { BOOT_SETS, BOOT_V4, BOOT_V6, BOOT_FILES };

struct boot_file {
	const char *path;    /* null: there is none of the kind */
	const char *unit;    /* that loads it; null: none is known */
	const char *part;    /* of what the unit starts, a pattern; null: it needs none */
	const char *package; /* that they are from */
};

struct boot_store {
	const char *manager;                /* of packages, on hosts where it is so */
	bool openrc;                        /* its units are OpenRC's; else systemd's */
	bool nft;                           /* its files are nft's; else iptables' */
	struct boot_file files[BOOT_FILES]; /* nft's for both families is BOOT_V4 */
};

/* Where rules of this keeper are saved here: as distributions have it that install their packages so, but
 * where a script of the administrator's loads another's files; where no such is known, what there is. */
const struct boot_store *boot_store(enum ruleset_maker keeper);

/* Is there such a file, and is it needed by the rules that are there, or by those that are saved? Who bans by
 * sets makes them, and the rules that ask them, by himself. */
bool boot_is_needed(const struct rules *rules, const struct boot_store *store, enum boot_kind kind);
bool boot_is_asked(const struct rules *rules, const struct boot_store *store, enum boot_kind kind);

/* What makes rules of iptables' files then: whatever "iptables" is. Of nft's: nft. */
enum ruleset_maker boot_loader(const struct rules *rules);

enum { BOOT_LIST = 100, BOOT_COMMAND = 240, BOOT_LOAD = 320 };

/* The command that has it be the keeper's kind; where no choice of the system's keeps that, until what it is
 * from is upgraded. */
void boot_alternatives(char text[static BOOT_COMMAND], const struct rules *rules);

/* What is not as it has to be for the files to be loaded; each a list with blanks between. */
struct boot_lacks {
	char packages[BOOT_LIST];  /* are not installed */
	char units[BOOT_LIST];     /* are not enabled */
	char masked[BOOT_LIST];    /* of these */
	const char *path_packages; /* the first file that is not loaded for that; null: none */
	const char *path_units;    /* so */
	bool unseen;               /* it can't be seen whether something loads them */
};
void boot_look(struct boot_lacks *lacks, const struct rules *rules, const struct boot_store *store);

/* Has the file of this kind a word of Postern's rules? */
bool boot_names_ours(const struct boot_store *store, enum boot_kind kind);

/* The commands that load those files of which is_asked is true, in their order, between each two of them what
 * is to stand there. */
void boot_restore(char text[static BOOT_LOAD], const struct rules *rules,
		  const struct boot_store *store,
		  bool (*is_asked)(const struct rules *rules, const struct boot_store *store,
				   enum boot_kind kind),
		  const char *between);
/* The command that loads them now: has what loads them at the start do it, or does what that does. */
void boot_load(char text[static BOOT_LOAD], const struct rules *rules,
	       const struct boot_store *store);

/* The store of the other language, if that is loaded, too; null: it is not. */
const struct boot_store *boot_beside(const struct rules *rules);
/* What makes rules of its own at each start, but has made none now: "firewalld"; null: nothing. */
const char *boot_manager(const struct look *look);

/* Does something start this program then, a unit of its name or a script of the administrator's? */
enum boot_start { BOOT_STARTED, BOOT_DISABLED, BOOT_UNKNOWN, BOOT_NO_UNIT };
enum boot_start boot_start(const char *program);

/* The command that has it left alone. */
void boot_disable(char text[static BOOT_COMMAND], const struct boot_store *store);
/* The same; or, where it wanted to run and could not, the one that tells why. */
void boot_mend_manager(char text[static BOOT_COMMAND], const char *manager);
/* The command that enables the units. */
void boot_enable(char text[static BOOT_COMMAND], const struct boot_lacks *lacks,
		 const struct boot_store *store);

#endif
