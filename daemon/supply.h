/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the children are supplied with, as one configuration has it: users and folders, and open
 * descriptors of key file, control socket, sources (sources.h), xtables lock. All is opened and
 * checked before anything that is in force is touched.
 */
#ifndef SUPPLY_H
#define SUPPLY_H

#include "config.h"
#include "error.h"
#include "host.h"
#include "sources.h"
#include "spawn.h"

struct supply { /* SUPPLY_NOTHING to begin with */
	struct config config;
	const char *programs; /* folder */
	struct host_user capture, auth, firewall;
	char boot_id[MSG_BOOT_ID];
	char root[CONFIG_PATH]; /* an empty folder */
	struct refused refused; /* reloads, so far */
	/* Of the two files as they were read; config_mark is set already. */
	char config_mark[MARK_TEXT], keys_mark[MARK_TEXT];
	int keys;    /* a sealed copy of the key file, as it was checked */
	int control; /* the control socket, listening */
	int log;     /* to syslog; -1 with -n */
	struct sources sources;
};
#define SUPPLY_NOTHING                               \
	{                                            \
		.keys = -1, .control = -1, .log = -1 \
	}

/* Users, folders and where the host's rules live, as far as it can be seen without changing anything. config
 * and programs are set already. 0 or -1. */
int supply_check_host(struct supply *supply, struct error *error);

/* Is the key file right? Its bytes are not read here: postern-auth -t is run on a copy, which
 * supply->keys is then. 0, or the status that posternd ends with (posternd.h). */
int supply_check_keys(struct supply *supply, struct error *error);

/* The control socket; before, if not null, is in force, and one of the same path goes over from it.
 * 0 or -1. */
int supply_open_control(struct supply *supply, struct supply *before, struct error *error);
/* It goes back. */
void supply_return_control(struct supply *supply, struct supply *before);

/* The xtables lock's file, opened anew: for one process alone. *lock is -1 for a firewall without.
 * 0 or -1. */
int supply_open_lock(int *lock, const struct supply *supply, struct error *error);

/* Are the rules to stand where the other's do: firewall, table, chain, sets? */
bool supply_same_place(const struct supply *one, const struct supply *other);

/* All but the sources, of a configuration that was read from path; before as above. Folders are made where they
 * may be. Whether the host has the firewall that it names, unless it is that of before, postern-firewall -t
 * finds out, and changes nothing. 0, or the status that posternd ends with where it is the first (posternd.h). */
int supply_make(struct supply *supply, struct supply *before, const char *path,
		struct error *error);

/* What the children are to know: all but the sources; and then, for each, its user and root. */
void supply_start(struct start *start, const struct supply *supply);
void supply_start_as(struct start *start, const struct supply *supply, enum role role);

/* Closes all; unlinks the control socket unless it went over. */
void supply_free(struct supply *supply);

#endif
