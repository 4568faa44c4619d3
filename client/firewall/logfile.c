/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "holder.h"

static bool is_syslog(const char *pid, const void *context)
{
	static const char *const names[] = {"rsyslogd", "syslog-ng", "syslogd", "metalog"};
	(void)context;
	return holder_is_named(pid, names, sizeof names / sizeof *names, "syslog");
}

/* What a process may be to a log. */
enum writer { NOBODY, SYSLOG, WRITER };

static enum writer find_writer(const struct stat *log)
{
	if (log != NULL && holder_of_file(log) != 0)
		return WRITER;
	return holder_find(is_syslog, NULL) != 0 ? SYSLOG : NOBODY;
}

/* A syslog need not have a log open between two lines, but one that was left behind it writes no more. The
 * kernel may have had nothing to say since it was rotated, monthly at the least. */
enum { LEFT_BEHIND_S = 40 * 86400 };

bool logfile_written(const char *path)
{
	struct stat log;
	if (stat(path, &log) != 0)
		return find_writer(NULL) != NOBODY;
	enum writer writer = find_writer(&log);
	bool left = time(NULL) - log.st_mtime > LEFT_BEHIND_S;
	return writer == WRITER || (writer == SYSLOG && !left);
}

bool logfile_find(char path[static SOURCE_FILE])
{
	static const char *const paths[] = {"/var/log/kern.log", "/var/log/messages",
					    "/var/log/syslog"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (access(paths[i], F_OK) == 0 && logfile_written(paths[i])) {
			snprintf(path, SOURCE_FILE, "%s", paths[i]);
			return true;
		}
	return false;
}
