/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file as it is now, in a word that is another once it was changed or replaced; of what is in it, it
 * tells nothing. By it others see whether the daemon has read what is there.
 */
#ifndef MARK_H
#define MARK_H

#include <sys/stat.h>

enum { MARK_TEXT = 64 };

void mark_print(char text[static MARK_TEXT], const struct stat *status);
/* "" where there is no such file. */
void mark_of(char text[static MARK_TEXT], const char *path);

#endif
