/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes to files of the administrator's, as text: made in one step each, undone byte for byte. What
 * stands around what is ours stays as it is.
 */
#ifndef EDITS_H
#define EDITS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "error.h"

enum { EDITS = 6, EDITS_PATH = 256 };

struct edit {
	char path[EDITS_PATH];
	char *before, *after; /* null: there is no such file */
	size_t before_size, after_size;
	struct stat like; /* owner and mode */
	mode_t mode;      /* that it gets; else 0 */
};

struct edits {
	struct edit list[EDITS];
	size_t count;
};

void edits_free(struct edits *edits);

/* The section of the configuration that is called so, with any title, becomes this one; it is added where
 * there is none. No edit at all if it reads like that already. */
int edits_section(struct edits *edits, const char *path, const char *word, const char *section,
		  struct error *error);

#define EDITS_MARK "# postern begin"
/* The lines between "# postern begin" and "# postern end" become these (null: the lines go); new ones
 * are put before the first line that begins with before (at the end, if there is none) that comes
 * after a line that begins with after. With neither, at the end. */
int edits_block(struct edits *edits, const char *path, const char *lines, const char *after,
		const char *before, struct error *error);

/* The whole file becomes this: it is made where there is none; null: it goes. */
int edits_file(struct edits *edits, const char *path, const char *text, struct error *error);

/* The text of a file, to be freed; of none, "". Null: it can't be read, says the error. */
char *edits_text(const char *path, struct error *error);

/* Is there a line in the file that begins so? */
bool edits_has(const char *path, const char *words); /* anywhere in it */
bool edits_found(const char *path, const char *line);

/* Does the file read as it is to? */
bool edits_is_made(const struct edit *edit);
/* All or none. */
int edits_make(struct edits *edits, struct error *error);
/* Those that were made, by whichever process. 0, or -1: one could not be. */
int edits_undo(struct edits *edits, struct error *error);

#endif
