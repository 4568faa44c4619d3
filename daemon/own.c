/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "own.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct question {
	struct nlmsghdr head;
	struct rtmsg route;
	struct rtattr to;
	unsigned char address[16];
};

union answer {
	struct nlmsghdr head;
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} failure;
	struct {
		struct nlmsghdr head;
		struct rtmsg route;
	} found;
	unsigned char bytes[4096];
};

static uint32_t number; /* of the last question */

/* What the kernel allows through a socket depends on who opened it, too. */
static int open_powerless(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct all[2], fewer[2];
	int fd, kept;

	if (syscall(SYS_capget, &head, all) == -1)
		return -1;
	memcpy(fewer, all, sizeof(fewer));
	fewer[0].effective &= ~(UINT32_C(1) << CAP_NET_ADMIN);
	if (syscall(SYS_capset, &head, fewer) == -1)
		return -1;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	kept = errno;
	if (syscall(SYS_capset, &head, all) == -1 && fd != -1) {
		kept = errno;
		close(fd);
		fd = -1;
	}
	errno = kept;
	return fd;
}

int own_open(int descriptor, struct error *error)
{
	int fd = open_powerless(), moved = fd;

	if (fd == -1)
		return error_set(error, "cannot open a socket to ask the kernel for routes: %s",
				 strerror(errno));
	if (fd != descriptor) {
		moved = fcntl(fd, F_DUPFD_CLOEXEC, descriptor);
		close(fd);
	}
	if (moved != descriptor)
		return error_set(error, "descriptor %d is in use", descriptor);
	return 0;
}

static void make(struct question *question, const struct address *address)
{
	bool v4 = address_is_v4(address);
	unsigned short size = v4 ? 4 : 16;

	memset(question, 0, sizeof(*question));
	question->head.nlmsg_len = (uint32_t)(sizeof(*question) - sizeof(question->address) + size);
	question->head.nlmsg_type = RTM_GETROUTE;
	question->head.nlmsg_flags = NLM_F_REQUEST;
	question->head.nlmsg_seq = ++number;
	question->route.rtm_family = v4 ? AF_INET : AF_INET6;
	question->route.rtm_dst_len = (unsigned char)(8 * size);
	question->to.rta_type = RTA_DST;
	question->to.rta_len = (unsigned short)(RTA_LENGTH(0) + size);
	memcpy(question->address, address->bytes + 16 - size, size);
}

static enum own judge_error(int code)
{
	switch (-code) {
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EACCES: /* a route of type prohibit, */
	case EINVAL: /* or blackhole */
		return OWN_NOT;
	case EAFNOSUPPORT:
	case EOPNOTSUPP:
		return OWN_NO_FAMILY;
	default:
		return OWN_UNKNOWN;
	}
}

static enum own judge(const union answer *answer, size_t size)
{
	if (answer->head.nlmsg_type == NLMSG_ERROR && size >= sizeof(answer->failure))
		return judge_error(answer->failure.error.error);
	if (answer->head.nlmsg_type != RTM_NEWROUTE || size < sizeof(answer->found))
		return OWN_UNKNOWN;
	switch (answer->found.route.rtm_type) {
	case RTN_LOCAL:
	case RTN_BROADCAST:
	case RTN_ANYCAST:
	case RTN_MULTICAST:
		return OWN_IS;
	default:
		return OWN_NOT;
	}
}

enum own own_ask(int descriptor, const struct address *address)
{
	struct question question;
	union answer answer;
	ssize_t size;

	make(&question, address);
	if (sendto(descriptor, &question, question.head.nlmsg_len, MSG_DONTWAIT, NULL, 0) == -1)
		return OWN_UNKNOWN;
	/* The kernel has answered before that call returned. */
	do
		size = recvfrom(descriptor, &answer, sizeof(answer), MSG_DONTWAIT, NULL, NULL);
	while (size >= (ssize_t)sizeof(answer.head) && answer.head.nlmsg_seq != number);
	return size < (ssize_t)sizeof(answer.head) ? OWN_UNKNOWN : judge(&answer, (size_t)size);
}
