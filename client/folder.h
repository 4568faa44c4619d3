/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a user's own files are: $XDG_CONFIG_HOME/postern and $XDG_STATE_HOME/postern (XDG Base
 * Directory Specification), else ~/.config/postern and ~/.local/state/postern. Made with mode 0700.
 */
#ifndef FOLDER_H
#define FOLDER_H

#include <limits.h>

#include "error.h"

enum folder { FOLDER_CONFIG, FOLDER_STATE };

/* Its path. 0, or -1: no home is known. */
int folder_path(char path[static PATH_MAX], enum folder folder, struct error *error);

/* The path of a file in it. 0 or -1. */
int folder_file(char path[static PATH_MAX], enum folder folder, const char *name,
		struct error *error);

/* Makes it and what is missing above it. 0 or -1. */
int folder_make(enum folder folder, struct error *error);

/* Could somebody else put files there? 0: no, or there is no such folder; else -1 with the remedy. */
int folder_check(enum folder folder, struct error *error);

#endif
