/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verbs of posternctl have in common: which configuration and which key file are meant.
 */
#ifndef CTL_H
#define CTL_H

#include <stdbool.h>

#include "config.h"
#include "error.h"
#include "keyfile.h"
#include "verb.h"

struct ctl {
	const struct verb_call *call;
	const char *config_path; /* null: -k alone, no configuration is read */
	const char *keys_path;
	bool own_keys; /* by -k: not those that the daemon has */
	bool assumed;  /* the configuration can't be read: these are its defaults */
	struct config config;
};

/* By the options -f and -k. Without -k, or with -f, reads the configuration. Returns an exit code, and
 * has said why. */
int ctl_start(struct ctl *ctl, const struct verb_call *call);

/* For verbs that need little of the configuration, no keys among it: where it can't be read, warns and
 * takes its defaults. If -f named it, only with named. */
int ctl_start_anyway(struct ctl *ctl, const struct verb_call *call, bool named);

/* The key file, to read or (locked) to edit; warns where others may read it. Null: has said why. */
struct keyfile *ctl_read_keys(const struct ctl *ctl);
struct keyfile *ctl_edit_keys(const struct ctl *ctl, bool make);

/* The key of this name; of several (one rotates), the one that was made last. Null: there is none. */
const struct key *ctl_find_key(const struct keys *keys, const char *name);

#endif
