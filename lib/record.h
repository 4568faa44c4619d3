/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record: the SQLite file that remembers which knocks were used. Here only how an empty one is
 * made, because two programs make it: postern-auth, where there is none, and `posternctl key add`,
 * so that the first key is younger than the record. Whoever reads and fills it is postern-auth alone.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>

#include "error.h"

enum {
	RECORD_APPLICATION = 0x506f7374, /* PRAGMA application_id, "Post" */
	RECORD_VERSION = 3,              /* PRAGMA user_version: the schema's */
	RECORD_OLDER = 2                 /* without grants.knock; postern-auth brings it up */
};

/* The empty record at path, mode 0600, of the folder's owner, durable, and there whole or not at
 * all. now_ms is what it says of its own making. What a lost record left beside it (its write-ahead
 * log) is removed. 0: made. 1: there is one already, nothing has changed. -1: neither. */
int record_make(const char *path, uint64_t now_ms, struct error *error);

#endif
