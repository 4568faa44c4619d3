/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfnetlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum { PATIENCE_S = 2, ANSWER = 65536, ERRORS = 65536 };

struct mnl_socket *nfnetlink_open(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int on = 1, kept;

	if (socket == NULL)
		return NULL;
	setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on,
			      sizeof(on)); /* errors without what was sent */
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0)
		return socket;
	kept = errno;
	mnl_socket_close(socket);
	errno = kept;
	return NULL;
}

uint32_t nfnetlink_sequence(void)
{
	static uint32_t last;

	return ++last;
}

struct nlmsghdr *nfnetlink_put(void *at, unsigned subsystem, unsigned type, unsigned flags,
			       uint8_t family, uint32_t sequence)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(at);
	struct nfgenmsg *more = mnl_nlmsg_put_extra_header(header, sizeof(*more));

	header->nlmsg_type = (uint16_t)(subsystem << 8 | type);
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	header->nlmsg_seq = sequence;
	more->nfgen_family = family;
	more->version = NFNETLINK_V0;
	return header;
}

struct nlmsghdr *nfnetlink_begin(struct nfnetlink_request *request, unsigned subsystem,
				 unsigned type, unsigned flags, uint8_t family)
{
	return nfnetlink_put(request->bytes, subsystem, type, flags, family, nfnetlink_sequence());
}

/* True: it was the last. */
static bool take(const struct nlmsghdr *header, nfnetlink_each *each, void *data, int *failure)
{
	int code = 0;

	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		*failure = EINTR;
	if (header->nlmsg_type >= NLMSG_MIN_TYPE) {
		if (each != NULL && mnl_nlmsg_get_payload_len(header) >= sizeof(struct nfgenmsg))
			each(header, data);
		return false;
	}
	if (header->nlmsg_type != NLMSG_ERROR && header->nlmsg_type != NLMSG_DONE)
		return false;
	/* Both begin with it. */
	if (mnl_nlmsg_get_payload_len(header) >= sizeof(code))
		memcpy(&code, mnl_nlmsg_get_payload(header), sizeof(code));
	if (code < 0)
		*failure = code > -ERRORS ? -code : EPROTO;
	return true;
}

bool nfnetlink_take(const void *datagram, size_t size, uint32_t sequence, nfnetlink_each *each,
		    void *data, int *failure)
{
	const struct nlmsghdr *header = datagram;
	int left = (int)size;

	/* libmnl takes a length for a negative one that is greater than an int. */
	for (; mnl_nlmsg_ok(header, left) && header->nlmsg_len <= (unsigned)left;
	     header = mnl_nlmsg_next(header, &left))
		if (header->nlmsg_seq == sequence && take(header, each, data, failure))
			return true;
	return false;
}

int nfnetlink_ask_all(struct mnl_socket *socket, const void *request, size_t size,
		      uint32_t sequence, nfnetlink_each *each, void *data)
{
	static _Alignas(struct nlmsghdr) char answer[ANSWER];
	bool last = false;
	int failure = 0;

	if (mnl_socket_sendto(socket, request, size) == -1)
		return -1;
	while (!last) {
		ssize_t got = mnl_socket_recvfrom(socket, answer, sizeof(answer));
		if (got == -1)
			return -1;
		last = nfnetlink_take(answer, (size_t)got, sequence, each, data, &failure);
	}
	errno = failure;
	return failure == 0 ? 0 : -1;
}

int nfnetlink_ask(struct mnl_socket *socket, struct nlmsghdr *request, nfnetlink_each *each,
		  void *data)
{
	return nfnetlink_ask_all(socket, request, request->nlmsg_len, request->nlmsg_seq, each,
				 data);
}

/* ---- attributes ---- */

static int keep(const struct nlattr *attribute, void *data)
{
	struct nfnetlink_attributes *attributes = data;

	if (mnl_attr_get_type(attribute) < NFNETLINK_ATTRIBUTES)
		attributes->of[mnl_attr_get_type(attribute)] = attribute;
	return MNL_CB_OK;
}

struct nfnetlink_attributes nfnetlink_attributes(const struct nlmsghdr *header)
{
	struct nfnetlink_attributes attributes = {{NULL}};

	mnl_attr_parse(header, sizeof(struct nfgenmsg), keep, &attributes);
	return attributes;
}

struct nfnetlink_attributes nfnetlink_within(const struct nlattr *nest)
{
	struct nfnetlink_attributes attributes = {{NULL}};

	if (nest != NULL)
		mnl_attr_parse_nested(nest, keep, &attributes);
	return attributes;
}

bool nfnetlink_get(void *bytes, size_t size, const struct nlattr *attribute)
{
	memset(bytes, 0, size);
	if (attribute == NULL || mnl_attr_get_payload_len(attribute) != size)
		return false;
	memcpy(bytes, mnl_attr_get_payload(attribute), size);
	return true;
}

uint32_t nfnetlink_number(const struct nlattr *attribute)
{
	uint32_t number;

	nfnetlink_get(&number, sizeof(number), attribute);
	return ntohl(number);
}

void nfnetlink_string(char *text, size_t size, const struct nlattr *attribute)
{
	text[0] = '\0';
	if (attribute != NULL)
		snprintf(text, size, "%.*s", (int)mnl_attr_get_payload_len(attribute),
			 (const char *)mnl_attr_get_payload(attribute));
}
