/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nflog.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_log/libnetfilter_log.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	COPY_RANGE = 512,         /* headers of any sane packet, and the knock */
	RECEIVE_BUFFER = 8 << 20, /* bytes that the kernel may hold for us in a flood */
	FLUSH_CENTISECONDS = 1,   /* the longest that a batch waits to become full */
	DATAGRAM = 1 << 17,       /* the largest that the kernel makes */
	DATAGRAMS_A_READ = 64,    /* so that several descriptors share the time */
	REQUEST = 128,            /* any configuration message */
	ACK_MS = 1000,
	ATTRIBUTES = NFULA_MAX + 1 + 32 /* room for those of a newer library */
};

/* ---- open: in posternd ---- */

static struct nlmsghdr *request(char *buffer, uint8_t family, uint16_t group)
{
	struct nlmsghdr *header = nflog_nlmsg_put_header(buffer, NFULNL_MSG_CONFIG, family, group);
	header->nlmsg_flags |= NLM_F_ACK;
	return header;
}

/* Waits for the answer to the request before: 0, or -1 with errno as the kernel gave it. Packets
 * that come in between are not for now. */
static int acknowledged(struct mnl_socket *socket)
{
	static _Alignas(struct nlmsghdr) char buffer[DATAGRAM];
	struct pollfd poll_for = {.fd = mnl_socket_get_fd(socket), .events = POLLIN};
	unsigned port = mnl_socket_get_portid(socket);
	for (;;) {
		if (poll(&poll_for, 1, ACK_MS) == 0)
			errno = ETIMEDOUT;
		ssize_t size = mnl_socket_recvfrom(socket, buffer, sizeof buffer);
		if (size < 0 && (errno == EINTR || errno == ENOBUFS))
			continue;
		if (size < 0)
			return -1;
		const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
		if (!mnl_nlmsg_ok(header, (int)size) || header->nlmsg_type != NLMSG_ERROR)
			continue;
		return mnl_cb_run(buffer, (size_t)size, 0, port, NULL, NULL) < 0 ? -1 : 0;
	}
}

static int send_request(struct mnl_socket *socket, const struct nlmsghdr *header)
{
	if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return -1;
	return acknowledged(socket);
}

/* Kernels before 3.17 want to be told which families; later ones take it and do nothing. */
static void bind_families(struct mnl_socket *socket)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	_Alignas(struct nlmsghdr) char buffer[REQUEST];
	for (size_t i = 0; i < sizeof families; i++) {
		struct nlmsghdr *header = request(buffer, families[i], 0);
		nflog_attr_put_cfg_cmd(header, NFULNL_CFG_CMD_PF_BIND);
		(void)send_request(socket, header);
	}
}

static int bind_group(struct mnl_socket *socket, uint16_t group)
{
	_Alignas(struct nlmsghdr) char buffer[REQUEST];
	struct nlmsghdr *header = request(buffer, AF_UNSPEC, group);
	nflog_attr_put_cfg_cmd(header, NFULNL_CFG_CMD_BIND);
	return send_request(socket, header);
}

/* No threshold from here: the least of the instance's and the rule's counts, so the rule decides. */
static int set_mode(struct mnl_socket *socket, uint16_t group)
{
	_Alignas(struct nlmsghdr) char buffer[REQUEST];
	struct nlmsghdr *header = request(buffer, AF_UNSPEC, group);
	nflog_attr_put_cfg_mode(header, NFULNL_COPY_PACKET, COPY_RANGE);
	mnl_attr_put_u32(header, NFULA_CFG_TIMEOUT, htonl(FLUSH_CENTISECONDS));
	return send_request(socket, header);
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
	default:
		return error_set(error, "NFLOG group %u: %s", group, strerror(errno));
	}
}

static int configure(struct mnl_socket *socket, uint16_t group)
{
	int size = RECEIVE_BUFFER, descriptor = mnl_socket_get_fd(socket);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0)
		return -1;
	/* Forced where we may (in the first namespace); elsewhere the system's limit is taken. */
	if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	bind_families(socket);
	if (bind_group(socket, group) != 0 || set_mode(socket, group) != 0)
		return -1;
	return fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
}

/* The descriptor alone outlives this: the library's handle around it is of no use to capture. */
static int open_group(uint16_t group, struct error *error)
{
	struct mnl_socket *socket =
	    mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (socket == NULL)
		return explain(error, group);
	int descriptor = configure(socket, group);
	if (descriptor < 0)
		explain(error, group);
	mnl_socket_close(socket);
	return descriptor;
}

static int open_groups(const struct source_config *config, int *descriptors, size_t room,
		       struct error *error)
{
	if (config->n_groups > room)
		return error_set(error, "more than %zu NFLOG groups", room);
	for (uint32_t i = 0; i < config->n_groups; i++) {
		descriptors[i] = open_group(config->groups[i], error);
		if (descriptors[i] >= 0)
			continue;
		while (i-- > 0)
			close(descriptors[i]);
		return -1;
	}
	return (int)config->n_groups;
}

/* ---- read: in postern-capture ---- */

/* libmnl rounds a message's end up to 4 bytes; what an attribute claims there is not the message's. */
static bool within(const struct nlattr *attribute, const struct nlmsghdr *header)
{
	const char *end = (const char *)attribute + mnl_attr_get_len(attribute);
	return end <= (const char *)header + header->nlmsg_len;
}

static int parse_message(const struct nlmsghdr *header, source_take *take, void *context,
			 struct source_news *news)
{
	struct nlattr *attributes[ATTRIBUTES] = {NULL};
	struct sighting sighting;
	if (header->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
		return 0;
	if (header->nlmsg_len < mnl_nlmsg_size(sizeof(struct nfgenmsg)) ||
	    nflog_nlmsg_parse(header, attributes) < 0)
		return -1;
	const struct nlattr *payload = attributes[NFULA_PAYLOAD];
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
	static _Alignas(struct nlmsghdr) char buffer[DATAGRAM];
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

static int read_some(int descriptor, source_take *take, void *context, struct source_news *news,
		     struct error *error)
{
	*news = (struct source_news){0};
	for (unsigned i = 0; i < DATAGRAMS_A_READ; i++) {
		int got = read_datagram(descriptor, take, context, news);
		if (got < 0)
			return error_set(error, "NFLOG: %s", strerror(errno));
		if (got == 0)
			return 0;
	}
	return 0;
}

const struct source nflog_source = {.name = "nflog", .open = open_groups, .read = read_some};
