/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the code under test logs, caught: loglines_start, then loglines_next gives line after line,
 * without syslog's head, "" when there is none.
 */
#ifndef LOGLINES_H
#define LOGLINES_H

#include <string.h>
#include <sys/socket.h>

#include "log.h"

static int loglines_fd = -1;

static inline int loglines_start(const char *name)
{
	int pair[2], room = 1 << 20;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == -1)
		return -1;
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	loglines_fd = pair[1];
	log_start(name, pair[0]);
	return 0;
}

static inline const char *loglines_next(void)
{
	static char line[2048];
	ssize_t size = recv(loglines_fd, line, sizeof line - 1, 0);

	line[size > 0 ? size : 0] = '\0';
	const char *text = strstr(line, "]: ");
	return text == NULL ? line : text + 3;
}

static inline int loglines_drain(void)
{
	int count = 0;

	while (*loglines_next() != '\0')
		count++;
	return count;
}

#endif
