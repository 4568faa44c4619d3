/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nflog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_log/libnetfilter_log.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	COPY_RANGE = 256,       /* headers of any sane packet, and the knock */
	FLUSH_CENTISECONDS = 1, /* the longest that a batch waits to become full */
	BATCH = 16000,          /* bytes of a batch: 64 knocks, and no more than 4 pages */
	DATAGRAM = 1 << 16,     /* more than a batch, which the kernel rounds up */
	DATAGRAMS_A_READ = 64,  /* so that several descriptors share the time */
	DATAGRAMS_A_REQUEST = 1 << 16,
	REQUEST = 128 /* any configuration message */
};

/* Of one datagram: read allocates nothing. */
static _Alignas(struct nlmsghdr) char buffer[DATAGRAM];

/* ---- open: in posternd ---- */

/* 1: the answer to a request is in the datagram. 0: it is not. -1 with errno: it is a refusal. */
static int find_answer(const struct mnl_socket *socket, size_t size)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;

	if (!mnl_nlmsg_ok(header, (int)size) || header->nlmsg_type != NLMSG_ERROR)
		return 0;
	return mnl_cb_run(buffer, size, 0, mnl_socket_get_portid(socket), NULL, NULL) < 0 ? -1 : 1;
}

/* The kernel has answered once sendto returns. What stands before its answer are packets that came
 * in between; they are not for now. 0, or -1 with errno as the kernel gave it. */
static int ask(struct mnl_socket *socket, struct nlmsghdr *request)
{
	int found = 0;

	request->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -1;
	for (unsigned i = 0; i < DATAGRAMS_A_REQUEST && found == 0; i++) {
		ssize_t size = mnl_socket_recvfrom(socket, buffer, sizeof buffer);
		if (size > 0)
			found = find_answer(socket, (size_t)size);
		else if (size < 0 && errno != EINTR && errno != ENOBUFS)
			return -1;
	}
	if (found == 0)
		errno = ETIMEDOUT;
	return found > 0 ? 0 : -1;
}

/* Asks for what the kernel does not do; but first it looks at whether we may ask at all. */
static bool permitted(struct mnl_socket *socket)
{
	_Alignas(struct nlmsghdr) char request[REQUEST];

	return ask(socket, nflog_nlmsg_put_header(request, NFULNL_MSG_PACKET, AF_UNSPEC, 0)) == 0 ||
	       errno != EPERM;
}

/* All in one message, so that no packet comes before its mode. No threshold from here: the least of
 * the group's and the rule's counts, so the rule decides. No NFULNL_CFG_CMD_PF_BIND either: -j NFLOG
 * finds us without since Linux 2.6.28, and it would take the log of conntrack and its like from the
 * one who has it (net.netfilter.nf_log.2 and .10), and not give it back. */
static int bind_group(struct mnl_socket *socket, uint16_t group)
{
	_Alignas(struct nlmsghdr) char request[REQUEST];
	struct nlmsghdr *header =
	    nflog_nlmsg_put_header(request, NFULNL_MSG_CONFIG, AF_UNSPEC, group);

	nflog_attr_put_cfg_cmd(header, NFULNL_CFG_CMD_BIND);
	nflog_attr_put_cfg_mode(header, NFULNL_COPY_PACKET, COPY_RANGE);
	mnl_attr_put_u32(header, NFULA_CFG_TIMEOUT, htonl(FLUSH_CENTISECONDS));
	mnl_attr_put_u32(header, NFULA_CFG_NLBUFSIZ, htonl(BATCH));
	if (ask(socket, header) == 0)
		return 0;
	/* The kernel says EPERM, too, where another program has the group. */
	if (errno == EPERM)
		errno = permitted(socket) ? EBUSY : EPERM;
	return -1;
}

static int explain(struct error *error, uint16_t group)
{
	switch (errno) {
	case EBUSY:
		return error_set(error,
				 "NFLOG group %u is read by another program already (ulogd?); stop "
				 "that, or give another group in the configuration and in the "
				 "firewall's NFLOG rule",
				 group);
	case EPERM:
		return error_set(error, "NFLOG group %u: not permitted; posternd must run as root",
				 group);
	case EPROTONOSUPPORT:
	case EINVAL:
		return error_set(error,
				 "NFLOG group %u: this kernel has no nfnetlink_log; try \"modprobe "
				 "nfnetlink_log\"",
				 group);
	case EAGAIN:
	case ETIMEDOUT:
		return error_set(error, "NFLOG group %u: no answer from the kernel; try again",
				 group);
	default:
		return error_set(error, "NFLOG group %u: %s", group, strerror(errno));
	}
}

/* The descriptor alone outlives this: the library's handle around it is of no use to capture. */
static int open_group(uint16_t group, struct error *error)
{
	struct mnl_socket *socket =
	    mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int descriptor = -1;

	if (socket == NULL)
		return explain(error, group);
	source_enlarge(mnl_socket_get_fd(socket));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 && bind_group(socket, group) == 0)
		descriptor = fcntl(mnl_socket_get_fd(socket), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (descriptor < 0)
		explain(error, group);
	mnl_socket_close(socket);
	return descriptor;
}

static int open_groups(struct source_held *held, size_t room, struct error *error)
{
	const struct source_config *config = &held->config;

	if (config->n_groups > room)
		return error_set(error, "more than %zu NFLOG groups", room);
	while (held->n < config->n_groups) {
		int descriptor = open_group(config->groups[held->n], error);
		if (descriptor < 0)
			return -1;
		held->descriptors[held->n++] = descriptor;
	}
	return 0;
}

/* ---- read: in postern-capture ---- */

/* libmnl rounds a message's end up to 4 bytes; what an attribute claims there is not the message's. */
static bool within(const struct nlattr *attribute, const struct nlmsghdr *header)
{
	const char *end = (const char *)attribute + mnl_attr_get_len(attribute);
	return end <= (const char *)header + header->nlmsg_len;
}

/* The one attribute that we want. The library's own parser looks into all of them, which in a flood
 * costs more than everything that we do with the packet. Null: there is none. */
static const struct nlattr *find_payload(const struct nlmsghdr *header)
{
	const struct nlattr *attribute =
	    mnl_nlmsg_get_payload_offset(header, sizeof(struct nfgenmsg));
	const char *tail = mnl_nlmsg_get_payload_tail(header);

	for (; mnl_attr_ok(attribute, (int)(tail - (const char *)attribute));
	     attribute = mnl_attr_next(attribute))
		if (mnl_attr_get_type(attribute) == NFULA_PAYLOAD)
			return attribute;
	return NULL;
}

static int parse_message(const struct nlmsghdr *header, source_take *take, void *context,
			 struct source_news *news)
{
	struct sighting sighting;
	if (header->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
		return 0;
	if (header->nlmsg_len < mnl_nlmsg_size(sizeof(struct nfgenmsg)))
		return -1;
	const struct nlattr *payload = find_payload(header);
	enum packet_reason reason = PACKET_SHORT;
	if (payload != NULL && !within(payload, header))
		return -1;
	if (payload != NULL)
		reason = packet_parse(&sighting, mnl_attr_get_payload(payload),
				      mnl_attr_get_payload_len(payload));
	news->packets++;
	take(context, reason, reason == PACKET_OK ? &sighting : NULL);
	return 0;
}

/* libmnl takes a length above INT_MAX for a negative one, and so for one that fits. */
static bool whole(const struct nlmsghdr *header, int left)
{
	return mnl_nlmsg_ok(header, left) && header->nlmsg_len <= (unsigned)left;
}

int nflog_parse(const void *datagram, size_t size, source_take *take, void *context,
		struct source_news *news)
{
	int left = (int)size;
	const struct nlmsghdr *header = datagram;
	for (; whole(header, left); header = mnl_nlmsg_next(header, &left))
		if (parse_message(header, take, context, news) != 0)
			return -1;
	return 0;
}

/* 1: a datagram was read. 0: nothing is there. -1 with errno: the descriptor is of no more use. */
static int read_datagram(int descriptor, source_take *take, void *context, struct source_news *news)
{
	struct sockaddr_nl from = {0};
	struct iovec part = {.iov_base = buffer, .iov_len = sizeof buffer};
	struct msghdr message = {
	    .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1};
	ssize_t size = recvmsg(descriptor, &message, MSG_DONTWAIT);
	if (size < 0 && errno == ENOBUFS) {
		news->lost++;
		return 1;
	}
	if (size < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (from.nl_pid != 0) /* not the kernel */
		return 1;
	if ((message.msg_flags & MSG_TRUNC) != 0 ||
	    nflog_parse(buffer, (size_t)size, take, context, news) != 0)
		news->lost++;
	return 1;
}

static enum source_state read_some(int descriptor, source_take *take, void *context,
				   struct source_news *news, struct error *error)
{
	*news = (struct source_news){0};
	for (unsigned i = 0; i < DATAGRAMS_A_READ; i++) {
		int got = read_datagram(descriptor, take, context, news);
		if (got < 0)
			return error_set(error, "NFLOG: %s", strerror(errno));
		if (got == 0)
			return SOURCE_FINE;
	}
	news->more = true;
	return SOURCE_FINE;
}

const struct source nflog_source = {.name = "nflog", .open = open_groups, .read = read_some};
