/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mark.h"

#include <stdio.h>

void mark_print(char text[static MARK_TEXT], const struct stat *status)
{
	snprintf(text, MARK_TEXT, "%lu-%lld.%09ld", (unsigned long)status->st_ino,
		 (long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
}

void mark_of(char text[static MARK_TEXT], const char *path)
{
	struct stat status;

	text[0] = '\0';
	if (stat(path, &status) == 0)
		mark_print(text, &status);
}
