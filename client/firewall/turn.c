/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "turn.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#define LOCK "/run/postern-firewall.lock"

int turn_take(struct error *error)
{
	int fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(error, LOCK ": %s", strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return error_set(error,
				 "another `posternctl firewall` is at work, or waits for its "
				 "yes: let it end first");
	return 0;
}
