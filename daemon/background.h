/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going to the background, in a way that whoever started posternd learns how that went: the
 * process that was started ends only when its grandchild works, or has told why it does not.
 */
#ifndef BACKGROUND_H
#define BACKGROUND_H

#include "error.h"

/* Returns in the grandchild; the first process waits, and exits with its status. 0 or -1. */
int background_enter(struct error *error);
/* It works: the first process exits with 0, and standard input, output and error go to /dev/null.
 * Nothing without background_enter. */
void background_done(void);

/* Writes the file with our number. 0 or -1. */
int background_write_pid(const char *path, struct error *error);

#endif
