/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of what takes root: as root, really; else in a user namespace in which one is root, and the
 * only user.
 */
#ifndef ROOT_H
#define ROOT_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool root_is_real;

static inline void root_put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		printf("# %s: %s\n", path, strerror(errno));
	close(fd);
}

static inline bool root_become(void)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	/* In a container, root may lack what a change of user takes: then, too, a namespace. */
	root_is_real = uid == 0 && access("/proc/1/environ", R_OK) == 0;
	if (root_is_real)
		return true;
	if (unshare(CLONE_NEWUSER) == -1)
		return false;
	root_put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	root_put("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	root_put("/proc/self/gid_map", map);
	return geteuid() == 0;
}

#endif
