/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key file while it is edited: locked against other editors, whole, and written in one step. Lines
 * that an edit does not name stay as they are, byte for byte.
 */
#ifndef KEYFILE_H
#define KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "file.h"
#include "keys.h"

struct keyfile;

/* Reads it. Null, and the error says why; the caller closes, which wipes; close(null) is fine. */
struct keyfile *keyfile_read(const char *path, struct error *error);
/* The same under a lock, for editing. One that is missing is made where make says so. */
struct keyfile *keyfile_edit(const char *path, bool make, struct error *error);
void keyfile_close(struct keyfile *file);

const struct keys *keyfile_keys(const struct keyfile *file);
/* What is wrong with its owner or mode; null if nothing. For a warning. */
const char *keyfile_exposed(const struct keyfile *file);
/* Is there a key in force in this file? */
bool keyfile_opens(const char *path);

/* Edits are gathered, then written together. Lines are numbered as in the file that was read, and
 * edited in ascending order. All 0, or -1 with the error. */
int keyfile_append(struct keyfile *file, const char *line, struct error *error);
int keyfile_remove(struct keyfile *file, uint32_t line, struct error *error);
/* Sets expires= in that line, its comment and its other fields stay. */
int keyfile_expire(struct keyfile *file, uint32_t line, uint64_t expires_ms, struct error *error);

/* Checks the outcome as the daemon will, then writes it: durable, with the old owner and mode. 0; or -1
 * and the file is as it was. */
int keyfile_write(struct keyfile *file, struct error *error);

#endif
