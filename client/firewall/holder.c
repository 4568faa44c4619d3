/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "program.h"

enum { PROC_PATH = 80, INFO_LINE = 200, NAMESPACE = 40, UNIX98_FIRST = 136, UNIX98_LAST = 143 };

/* ---- what a process has open */

/* The rest of the line that begins so: "flags:\t0100001", "lock:\t1: FLOCK  ADVISORY  WRITE 1234 ...". False: there is
 * none, or it can't be seen. */
static bool read_info(char rest[static INFO_LINE], const char *path, const char *key)
{
	char line[INFO_LINE];
	size_t length = strlen(key);
	bool found = false;
	FILE *file = fopen(path, "re");
	while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
		if ((found = strncmp(line, key, length) == 0))
			snprintf(rest, INFO_LINE, "%s", line + length);
	if (file != NULL)
		fclose(file);
	return found;
}

static bool is_to_write(const char *info)
{
	char flags[INFO_LINE];
	return read_info(flags, info, "flags:") &&
	       (strtoul(flags, NULL, 8) & O_ACCMODE) != O_RDONLY;
}

static bool has_lock(const char *info)
{
	char lock[INFO_LINE];
	return read_info(lock, info, "lock:") && strstr(lock, "FLOCK") != NULL;
}

/* By what it is, for who has it open may know it by another name. */
static bool is_same(const struct stat *open, const struct stat *wanted)
{
	return open->st_ino == wanted->st_ino && open->st_dev == wanted->st_dev;
}

static bool is_socket(const struct stat *open, const struct stat *wanted)
{
	return open->st_ino == wanted->st_ino && S_ISSOCK(open->st_mode);
}

struct wanted {
	const struct stat *file;
	bool (*is_so)(const char *info); /* how it is to be open; null: it is a socket */
};

static bool has_open(const char *pid, const void *context)
{
	const struct wanted *wanted = context;
	char path[PROC_PATH], info[PROC_PATH];
	struct stat status;
	bool found = false;
	snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
	DIR *folder = opendir(path);
	for (struct dirent *entry; folder != NULL && !found && (entry = readdir(folder)) != NULL;) {
		snprintf(path, sizeof path, "/proc/%.20s/fd/%.20s", pid, entry->d_name);
		snprintf(info, sizeof info, "/proc/%.20s/fdinfo/%.20s", pid, entry->d_name);
		if (entry->d_name[0] == '.' || stat(path, &status) != 0)
			continue;
		found = wanted->is_so == NULL
			    ? is_socket(&status, wanted->file)
			    : is_same(&status, wanted->file) && wanted->is_so(info);
	}
	if (folder != NULL)
		closedir(folder);
	return found;
}

long holder_of_file(const struct stat *file)
{
	const struct wanted wanted = {.file = file, .is_so = is_to_write};
	return holder_find(has_open, &wanted);
}

/* /proc/locks has who took it, who may have died since, and left it to a process that it had started. */
long holder_of_lock(const struct stat *file)
{
	const struct wanted wanted = {.file = file, .is_so = has_lock};
	return holder_find(has_open, &wanted);
}

/* ---- sockets of netlink */

/* "sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode" */
static ino_t netlink_inode(unsigned protocol, unsigned long address)
{
	char line[200];
	ino_t inode = 0;
	FILE *file = fopen("/proc/net/netlink", "re");
	while (file != NULL && inode == 0 && fgets(line, sizeof line, file) != NULL) {
		unsigned its_protocol;
		unsigned long its_address, found;
		if (sscanf(line, "%*s %u %lu %*s %*s %*s %*s %*s %*s %lu", &its_protocol,
			   &its_address, &found) == 3 &&
		    its_protocol == protocol && its_address == address)
			inode = (ino_t)found;
	}
	if (file != NULL)
		fclose(file);
	return inode;
}

long holder_of_netlink(unsigned protocol, unsigned long address)
{
	const struct stat file = {.st_mode = S_IFSOCK, .st_ino = netlink_inode(protocol, address)};
	const struct wanted wanted = {.file = &file};
	return file.st_ino == 0 ? 0 : holder_find(has_open, &wanted);
}

/* ---- what it is */

/* Who has started it. An effective user may be lent by the file, and /proc/PID itself is root's if the process wants
 * to be seen by nobody. */
static bool is_run_by(const char *pid, const char *user)
{
	char path[PROC_PATH], line[200];
	unsigned long uid = ULONG_MAX;
	snprintf(path, sizeof path, "/proc/%.20s/status", pid);
	FILE *file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "Uid:%lu", &uid) == 1)
			break;
	if (file != NULL)
		fclose(file);
	const struct passwd *entry = user == NULL ? NULL : getpwnam(user);
	return uid == 0 || (entry != NULL && uid == entry->pw_uid);
}

/* One in a container has files and terminals of its own. */
static bool is_of_host(const char *pid)
{
	char path[PROC_PATH], own[NAMESPACE] = "", other[NAMESPACE] = "";
	snprintf(path, sizeof path, "/proc/%.20s/ns/pid", pid);
	return readlink("/proc/self/ns/pid", own, NAMESPACE - 1) > 0 &&
	       readlink(path, other, NAMESPACE - 1) > 0 && strcmp(own, other) == 0;
}

bool holder_is_named(const char *pid, const char *const names[], size_t n, const char *user)
{
	char name[PROGRAM_NAME];
	bool found = false;
	program_name(name, strtol(pid, NULL, 10));
	for (size_t i = 0; i < n; i++)
		found |= strcmp(name, names[i]) == 0;
	return found && is_run_by(pid, user) && is_of_host(pid);
}

/* "1 (name) S 0 1 1 1025 ...": which has started it, and its terminal. The name may hold parentheses, and line
 * breaks. */
static bool read_stat(const char *pid, int *parent, int *terminal)
{
	char path[PROC_PATH], line[500] = "";
	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	FILE *file = fopen(path, "re");
	size_t got = file == NULL ? 0 : fread(line, 1, sizeof line - 1, file);
	if (file != NULL)
		fclose(file);
	line[got] = '\0';
	const char *rest = strrchr(line, ')');
	return rest != NULL && sscanf(rest, ") %*c %d %*d %*d %d", parent, terminal) == 2;
}

pid_t holder_parent(pid_t pid)
{
	char digits[24];
	int parent, terminal;
	snprintf(digits, sizeof digits, "%ld", (long)pid);
	return read_stat(digits, &parent, &terminal) ? parent : 0;
}

bool holder_at_console(const char *pid)
{
	int parent, terminal;
	if (!read_stat(pid, &parent, &terminal) || terminal == 0)
		return false;
	unsigned class = major((dev_t)terminal);
	return class < UNIX98_FIRST || class > UNIX98_LAST;
}

/* ---- all processes */

long holder_find(bool (*is_it)(const char *pid, const void *context), const void *context)
{
	long pid = 0;
	DIR *folder = opendir("/proc");
	for (struct dirent *entry; folder != NULL && pid == 0 && (entry = readdir(folder)) != NULL;)
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
		    is_it(entry->d_name, context))
			pid = strtol(entry->d_name, NULL, 10);
	if (folder != NULL)
		closedir(folder);
	return pid;
}
