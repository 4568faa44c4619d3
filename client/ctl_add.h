/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verb that makes a key: key add.
 */
#ifndef CTL_ADD_H
#define CTL_ADD_H

#include "ctl.h"

int ctl_add(const struct verb_call *call);

/* A new key takes its secret, its id, which no other key has, and the moment. */
void ctl_add_renew(struct key *key, const struct keys *keys);

/* Its line, at the end of the file. 0 or -1. */
int ctl_add_append(struct keyfile *file, const struct key *key, struct error *error);

/* What to do next: on the server, if these are the daemon's keys; and on the client. */
void ctl_add_tell_reload(const struct ctl *ctl);
void ctl_add_tell_next(const struct ctl *ctl, const struct key *key, bool replaces);

#endif
