/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logfile.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "program.h"

enum { PROC_PATH = 80, NAME = 40 };

/* How it is open: "flags:\t0100001"; 0: that can't be seen. */
static unsigned long flags_of(const char *path)
{
	char line[200];
	unsigned long flags = 0;
	FILE *file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "flags:", 6) == 0)
			flags = strtoul(line + 6, NULL, 8);
	if (file != NULL)
		fclose(file);
	return flags;
}

/* By what it is, for who writes may know it by another name. */
static bool has_open(const char *pid, const struct stat *log)
{
	char path[PROC_PATH], info[PROC_PATH];
	struct stat status;
	bool found = false;
	snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder != NULL && !found && (entry = readdir(folder)) != NULL;) {
		snprintf(path, sizeof path, "/proc/%.20s/fd/%.20s", pid, entry->d_name);
		snprintf(info, sizeof info, "/proc/%.20s/fdinfo/%.20s", pid, entry->d_name);
		found = entry->d_name[0] != '.' && stat(path, &status) == 0 &&
			status.st_ino == log->st_ino && status.st_dev == log->st_dev &&
			(flags_of(info) & O_ACCMODE) != O_RDONLY;
	}
	if (folder != NULL)
		closedir(folder);
	return found;
}

/* One in a container writes files of its own. */
static bool is_of_host(const char *pid)
{
	char path[PROC_PATH], own[NAME] = "", other[NAME] = "";
	snprintf(path, sizeof path, "/proc/%.20s/ns/pid", pid);
	return readlink("/proc/self/ns/pid", own, NAME - 1) > 0 &&
	       readlink(path, other, NAME - 1) > 0 && strcmp(own, other) == 0;
}

static bool is_syslog(const char *pid)
{
	static const char *const names[] = {"rsyslogd", "syslog-ng", "syslogd", "metalog"};
	char name[PROGRAM_NAME];
	bool found = false;
	program_name(name, strtol(pid, NULL, 10));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		found |= strcmp(name, names[i]) == 0;
	return found && is_of_host(pid);
}

/* What a process may be to a log. */
enum writer { NOBODY, SYSLOG, WRITER };

static enum writer find_writer(const struct stat *log)
{
	enum writer best = NOBODY;
	DIR *folder = opendir("/proc");
	for (struct dirent *entry;
	     folder != NULL && best != WRITER && (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		if (log != NULL && has_open(entry->d_name, log))
			best = WRITER;
		else if (is_syslog(entry->d_name))
			best = SYSLOG;
	}
	if (folder != NULL)
		closedir(folder);
	return best;
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
