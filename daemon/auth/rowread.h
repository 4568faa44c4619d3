/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record's rows, read: once, at the start, and checked, for what no Postern wrote may stand
 * there. Each says SQLITE_OK, SQLITE_CORRUPT for such a record, or SQLite's own code.
 */
#ifndef ROWREAD_H
#define ROWREAD_H

#include <sqlite3.h>

#include "rows.h"

/* Is it a record of ours, of that version, and undamaged? */
int rowread_check(sqlite3 *db, int version);
/* All there is. The caller forgets *loaded, whatever the result. */
int rowread_all(sqlite3 *db, const char *boot_id, const struct rows_claims *into,
		struct rows_loaded *loaded);

#endif
