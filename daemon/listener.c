/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int listener_of(const char *path, pid_t *pid)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct ucred peer = {0};
	socklen_t size = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), why = 0;

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	if (fd == -1 || connect(fd, (const struct sockaddr *)&name, sizeof(name)) == -1)
		why = errno;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1)
		peer.pid = 0;
	if (fd != -1)
		close(fd);
	*pid = peer.pid;
	errno = why;
	return why == 0 ? 0 : -1;
}
