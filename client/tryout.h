/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration that nobody has said yes to yet, and that the daemon is to work by meanwhile: a daemon
 * that runs reads it, and the file is at once what it was again; for one that does not there is a copy in /run.
 */
#ifndef TRYOUT_H
#define TRYOUT_H

#include "config.h"
#include "edits.h"

#define TRYOUT_COPY "/run/postern-trial.conf"

/* The edit is of the configuration. 0; or -1 with why posternd would not take it, or does not. */
int tryout_begin(const struct edit *edit, const struct config *config, struct error *error);
/* By any process, and whatever became of the one that began: the file is as it was, the copy is gone. */
int tryout_end(const struct edit *edit, struct error *error);

#endif
