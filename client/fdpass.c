/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdpass.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

bool fdpass_can(int to)
{
	int domain;
	socklen_t size = sizeof domain;
	return getsockopt(to, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

int fdpass_send(int to, int fd)
{
	union {
		struct cmsghdr header; /* for its alignment */
		char bytes[CMSG_SPACE(sizeof fd)];
	} control = {0};
	char byte = 0; /* a descriptor can't travel alone */
	struct iovec body = {&byte, 1};
	struct msghdr message = {.msg_iov = &body,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof control.bytes};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	while (sendmsg(to, &message, MSG_NOSIGNAL) != 1) {
		if (errno == EAGAIN)
			poll(&(struct pollfd){.fd = to, .events = POLLOUT}, 1, -1);
		else if (errno != EINTR)
			return -1;
	}
	return 0;
}
