/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_un manager = {.sun_family = AF_UNIX};
static socklen_t manager_size; /* 0: nobody asked */

void notify_start(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t size = path == NULL ? 0 : strlen(path);

	if (size < 2 || size >= sizeof(manager.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(manager.sun_path, path, size);
	if (path[0] == '@') /* an abstract name; its end is told by the size */
		manager.sun_path[0] = '\0';
	manager_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
	unsetenv("NOTIFY_SOCKET");
}

static void tell(const char *text)
{
	int fd;

	if (manager_size == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	/* Who does not listen will see that we are there. */
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&manager,
		   manager_size) == -1)
		manager_size = 0;
	close(fd);
}

void notify_ready(void)
{
	tell("READY=1\n");
}

void notify_reloading(void)
{
	struct timespec now;
	char text[80];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\n",
		 (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	tell(text);
}

void notify_stopping(void)
{
	tell("STOPPING=1\n");
}
