/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The enrolments that a user has saved: a file each in the configuration folder, named like the
 * enrolment, holding its token. They are private keys, and refused where others could read or
 * exchange them.
 */
#ifndef ENROLMENT_H
#define ENROLMENT_H

#include <stdbool.h>

#include "error.h"
#include "token.h"

/* Reads a token that is not saved: from this file, or standard input for null or "-". With check, a
 * file that others can read is refused. 0 or -1; whoever has a token wipes it (crypto_wipe). */
int enrolment_read(struct token *token, const char *path, bool check, struct error *error);

/* Saves one. 0; or -1: there is one of that name and replace is not wanted, or it can't be written. */
int enrolment_add(const struct token *token, bool replace, struct error *error);

/* By its name, else by its host. Several of that host: an error that names them. 0 or -1. */
int enrolment_find(struct token *token, const char *name, struct error *error);

/* Does a person who writes this mean that token? */
bool enrolment_is(const struct token *token, const char *name);

/* Each by name order; take returns false to end it. One that is not as it must be comes with a null token
 * and its error. 0 or -1: the folder can't be read. */
int enrolment_each(bool (*take)(void *context, const char *name, const struct token *token,
				const struct error *wrong),
		   void *context, struct error *error);

/* Removes the file, whatever is in it, and tells whose key it was (0: it could not be read). 0, or -1:
 * there is none of that name. */
int enrolment_remove(const char *name, uint32_t *id, struct error *error);

#endif
