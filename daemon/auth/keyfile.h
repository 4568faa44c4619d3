/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key file as this process gets it: an open descriptor, read whole, and no trace of the text
 * left behind in memory.
 */
#ifndef KEYFILE_H
#define KEYFILE_H

#include "keys.h"

enum { KEYFILE_MOST = 64 * 1024 * 1024 };

/* A file or a pipe. 0; or -1, *keys empty, with an error that says "line N:" where it is one. */
int keyfile_read(struct keys *keys, int fd, struct error *error);

#endif
