/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfnetlink.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PATIENCE_S = 2, ANSWER = 65536 };

struct mnl_socket *nfnetlink_open(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int kept;

	if (socket == NULL)
		return NULL;
	setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0)
		return socket;
	kept = errno;
	mnl_socket_close(socket);
	errno = kept;
	return NULL;
}

struct nlmsghdr *nfnetlink_begin(struct nfnetlink_request *request, unsigned subsystem,
				 unsigned type, unsigned flags, uint8_t family)
{
	static uint32_t sequence;
	struct nlmsghdr *header = mnl_nlmsg_put_header(request->bytes);
	struct nfgenmsg *more = mnl_nlmsg_put_extra_header(header, sizeof(*more));

	header->nlmsg_type = (uint16_t)(subsystem << 8 | type);
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	header->nlmsg_seq = ++sequence;
	more->nfgen_family = family;
	more->version = NFNETLINK_V0;
	return header;
}

enum verdict { MORE, END };

/* One message of an answer. *failure is set to an errno where it tells of one. */
static enum verdict take(const struct nlmsghdr *header, nfnetlink_each *each, void *data,
			 int *failure)
{
	int code = 0;

	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		*failure = EINTR;
	if (header->nlmsg_type >= NLMSG_MIN_TYPE) {
		if (mnl_nlmsg_get_payload_len(header) >= sizeof(struct nfgenmsg))
			each(header, data);
		return MORE;
	}
	if (header->nlmsg_type != NLMSG_ERROR && header->nlmsg_type != NLMSG_DONE)
		return MORE;
	/* Both begin with it. */
	if (mnl_nlmsg_get_payload_len(header) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(header), sizeof(code));
	if (code < 0)
		*failure = -code;
	return END;
}

/* What is left of earlier answers is passed over. */
static enum verdict take_all(const void *answer, size_t size, uint32_t sequence,
			     nfnetlink_each *each, void *data, int *failure)
{
	const struct nlmsghdr *header = answer;
	int left = (int)size;

	for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left))
		if (header->nlmsg_seq == sequence && take(header, each, data, failure) == END)
			return END;
	return MORE;
}

int nfnetlink_ask(struct mnl_socket *socket, struct nlmsghdr *request, nfnetlink_each *each,
		  void *data)
{
	static _Alignas(struct nlmsghdr) char answer[ANSWER];
	enum verdict verdict = MORE;
	int failure = 0;

	if (mnl_socket_sendto(socket, request, request->nlmsg_len) == -1)
		return -1;
	while (verdict == MORE) {
		ssize_t size = mnl_socket_recvfrom(socket, answer, sizeof(answer));
		if (size == -1)
			return -1;
		verdict = take_all(answer, (size_t)size, request->nlmsg_seq, each, data, &failure);
	}
	errno = failure;
	return failure == 0 ? 0 : -1;
}
