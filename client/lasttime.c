/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lasttime.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "folder.h"
#include "when.h"

enum { DIGITS = 16 }; /* as it stands in the file, with a newline after it */

static int path_of(char path[static PATH_MAX], uint32_t id, struct error *error)
{
	char name[9];
	snprintf(name, sizeof name, "%08" PRIx32, id);
	return folder_file(path, FOLDER_STATE, name, error);
}

/* What is no time (an empty file, say) counts as none. */
static uint64_t read_last(int fd)
{
	char text[DIGITS + 2] = "";
	char *end;
	if (pread(fd, text, DIGITS + 1, 0) != DIGITS + 1 || text[DIGITS] != '\n' ||
	    strspn(text, "0123456789") != DIGITS)
		return 0;
	return strtoull(text, &end, 10);
}

/* Without fsync: what a power cut can take away is a time that the clock has passed by the time
 * that the machine is up again. */
static int write_last(int fd, uint64_t last_ms)
{
	char text[DIGITS + 2];
	snprintf(text, sizeof text, "%0*" PRIu64 "\n", DIGITS, last_ms);
	return pwrite(fd, text, DIGITS + 1, 0) == DIGITS + 1 ? 0 : -1;
}

static enum lasttime_result lost(const char *path, struct error *error)
{
	error_set(error, "%s can't be written: %s", path, strerror(errno));
	return LASTTIME_LOST;
}

static enum lasttime_result ahead(const char *path, uint64_t last_ms, struct error *error)
{
	char moment[WHEN_MOMENT_TEXT];
	when_moment_print(moment, last_ms);
	error_set(error,
		  "the last knock carried a later time (%s) than this clock shows; set the clock, "
		  "or if it is right now: rm %s",
		  moment, path);
	return LASTTIME_AHEAD;
}

static enum lasttime_result take(uint64_t *first_ms, int fd, const char *path, uint64_t now_ms,
				 unsigned count, bool look_only, struct error *error)
{
	uint64_t last_ms = read_last(fd);
	if (last_ms > now_ms + LASTTIME_AHEAD_S * UINT64_C(1000))
		return ahead(path, last_ms, error);
	*first_ms = last_ms < now_ms ? now_ms : last_ms + 1;
	if (!look_only && write_last(fd, *first_ms + count - 1) != 0)
		return lost(path, error);
	return LASTTIME_OK;
}

enum lasttime_result lasttime_take(uint64_t *first_ms, uint32_t id, uint64_t now_ms, unsigned count,
				   bool look_only, struct error *error)
{
	char path[PATH_MAX];
	*first_ms = now_ms;
	if (path_of(path, id, error) != 0)
		return LASTTIME_LOST;
	if (!look_only && folder_make(FOLDER_STATE, error) != 0)
		return LASTTIME_LOST;
	int fd = open(path, (look_only ? O_RDONLY : O_RDWR | O_CREAT) | O_CLOEXEC, 0600);
	if (fd < 0 && look_only && errno == ENOENT)
		return LASTTIME_OK;
	if (fd < 0)
		return lost(path, error);
	enum lasttime_result result =
	    flock(fd, look_only ? LOCK_SH : LOCK_EX) != 0
		? lost(path, error)
		: take(first_ms, fd, path, now_ms, count, look_only, error);
	close(fd);
	return result;
}

void lasttime_forget(uint32_t id)
{
	char path[PATH_MAX];
	if (path_of(path, id, NULL) == 0)
		unlink(path);
}
