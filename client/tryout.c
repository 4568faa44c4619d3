/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tryout.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "running.h"

/* Where the file itself waits, beside what stands in for it. */
static void name_aside(char aside[static EDITS_PATH + 8], const struct edit *edit)
{
	const char *name = strrchr(edit->path, '/') + 1;
	snprintf(aside, EDITS_PATH + 8, "%.*s~%s.was", (int)(name - edit->path), edit->path, name);
}

/* What somebody else has put in its place meanwhile stays, and the file beside it: a person is to choose. */
static int put_back(const struct edit *edit, struct error *error)
{
	char aside[EDITS_PATH + 8];
	struct stat there, put_aside;
	name_aside(aside, edit);
	if (stat(aside, &put_aside) != 0)
		return 0;
	if (edits_is_made(edit))
		return file_move(aside, edit->path, error);
	if (stat(edit->path, &there) == 0 && there.st_ino == put_aside.st_ino &&
	    there.st_dev == put_aside.st_dev)
		unlink(aside); /* it has not been replaced yet */
	return 0;
}

/* Itself, not a copy: who it belongs to and when it was changed are as they were, too. */
static int lend(const struct edit *edit, const struct config *config, struct error *error)
{
	char aside[EDITS_PATH + 8];
	name_aside(aside, edit);
	if (link(edit->path, aside) != 0)
		return errno == EEXIST
			   ? error_set(error,
				       "%s is what an install that was killed had put aside: "
				       "see whether it is to be %s, or remove it",
				       aside, edit->path)
			   : error_set(error, "%s can't be made: %s", aside, strerror(errno));
	int result =
	    file_replace(edit->path, edit->after, edit->after_size, &edit->like, true, error);
	if (result == 0)
		result = running_reload(config, error);
	struct error unwanted;
	return put_back(edit, result == 0 ? error : &unwanted) == 0 ? result : -1;
}

int tryout_begin(const struct edit *edit, const struct config *config, struct error *error)
{
	struct config made;
	struct running running;
	if (file_replace(TRYOUT_COPY, edit->after, edit->after_size, &edit->like, true, error) !=
		0 ||
	    config_read(&made, TRYOUT_COPY, error) != 0)
		return -1;
	running_ask(&running, config);
	return running.answers ? lend(edit, config, error) : 0;
}

int tryout_end(const struct edit *edit, struct error *error)
{
	unlink(TRYOUT_COPY);
	return put_back(edit, error);
}
