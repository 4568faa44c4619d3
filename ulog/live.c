/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "portfilter.h"

enum { PACKETS_A_READ = 64 /* so that several descriptors share the time */ };

/* ---- in posternd ---- */

/* What was told of each interface. */
struct told {
	bool missing[SOURCE_INTERFACES];
};

static bool is_any(const char *name)
{
	return strcmp(name, "any") == 0;
}

/* Hears nothing before it is bound. */
static int open_socket(const struct portfilter *filter)
{
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd == -1)
		return -1;
	source_enlarge(fd);
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter->program,
		       sizeof filter->program) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) == 0)
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

static int bind_to(int fd, int interface, uint16_t protocol)
{
	const struct sockaddr_ll name = {
	    .sll_family = AF_PACKET,
	    .sll_protocol = htons(protocol),
	    .sll_ifindex = interface,
	};

	return bind(fd, (const struct sockaddr *)&name, sizeof name);
}

/* 0 for none: a socket whose interface has gone says -1. */
static int bound_to(int fd)
{
	struct sockaddr_ll name = {0};
	socklen_t size = sizeof name;

	if (getsockname(fd, (struct sockaddr *)&name, &size) == -1 ||
	    name.sll_protocol != htons(ETH_P_ALL))
		return 0;
	return name.sll_ifindex;
}

/* The kernel tells of changes of links: that it does, not which. */
static int open_watch(void)
{
	const struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd != -1 && bind(fd, (const struct sockaddr *)&name, sizeof name) == 0)
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

static int explain(struct error *error)
{
	if (errno == EPERM)
		return error_set(error, "pcap: not permitted; posternd must run as root");
	if (errno == EAFNOSUPPORT)
		return error_set(error, "pcap: this kernel has no packet sockets; try \"modprobe "
					"af_packet\"");
	return error_set(error, "pcap: %s", strerror(errno));
}

static int open_sockets(struct source_held *held, size_t room, struct error *error)
{
	const struct source_config *config = &held->config;
	static struct portfilter filter;

	if (config->n_interfaces > room)
		return error_set(error, "more than %zu interfaces", room);
	if (portfilter_make(&filter, config, error) == -1)
		return -1;
	while (held->n < config->n_interfaces) {
		int fd = open_socket(&filter);
		if (fd == -1)
			return explain(error);
		held->descriptors[held->n++] = fd;
		if (is_any(config->interfaces[held->n - 1]) && bind_to(fd, 0, ETH_P_ALL) == -1)
			return explain(error);
	}
	return 0;
}

static void close_rest(struct source_held *held)
{
	free(held->own);
	if (held->wake != -1)
		close(held->wake);
}

/* The watch is there before anything is looked at, so nothing is missed in between. */
static int open_live(struct source_held *held, size_t room, struct error *error)
{
	held->own = calloc(1, sizeof(struct told));
	held->wake = open_watch();
	if (held->own != NULL && held->wake != -1 && open_sockets(held, room, error) == 0)
		return 0;
	if (held->own == NULL || held->wake == -1)
		explain(error);
	close_rest(held);
	return -1;
}

static void drain(int watch)
{
	char unread;

	while (recv(watch, &unread, sizeof unread, MSG_TRUNC) >= 0 || errno == ENOBUFS ||
	       errno == EINTR)
		;
}

/* One that was renamed is there still, and would be heard. A binding is not to be taken back, only
 * changed: to a protocol that no packet has, for no wire carries a number so low. */
static void unbind(int fd)
{
	int interface = bound_to(fd);

	if (interface > 0)
		bind_to(fd, interface, ETH_P_ECONET);
}

static void tend_one(int fd, const char *name, bool *missing, source_tell *tell)
{
	int interface = (int)if_nametoindex(name);
	char text[100];
	bool there =
	    interface != 0 && (bound_to(fd) == interface || bind_to(fd, interface, ETH_P_ALL) == 0);

	if (!there)
		unbind(fd);
	if (there != *missing)
		return;
	*missing = !there;
	snprintf(text, sizeof text,
		 there ? "pcap: interface %s is there now"
		       : "pcap: interface %s is not there; nothing is heard on it until it is",
		 name);
	tell(there, text);
}

static void tend_live(struct source_held *held, source_tell *tell)
{
	struct told *told = held->own;

	drain(held->wake);
	for (size_t i = 0; i < held->n; i++)
		if (!is_any(held->config.interfaces[i]))
			tend_one(held->descriptors[i], held->config.interfaces[i],
				 &told->missing[i], tell);
}

/* ---- in postern-capture ---- */

/* Of each descriptor: how many packets the kernel has dropped, as last told. */
enum { DESCRIPTORS = 64 };
static uint32_t dropped[DESCRIPTORS];

/* The kernel counts on from when the socket was made. */
static uint32_t count_drops(int descriptor, struct msghdr *message)
{
	uint32_t now, before;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL ||
		    c->cmsg_len < CMSG_LEN(sizeof now) || descriptor >= DESCRIPTORS)
			continue;
		memcpy(&now, CMSG_DATA(c), sizeof now);
		before = dropped[descriptor];
		dropped[descriptor] = now;
		return now - before;
	}
	return 0;
}

/* 1: a packet was read. 0: nothing is there. -1 with errno: the descriptor is of no more use. That
 * its interface went, or went down, is none: it may come back. */
static int read_packet(int descriptor, source_take *take, void *context, struct source_news *news)
{
	static uint8_t buffer[PORTFILTER_SNAP];
	_Alignas(struct cmsghdr) char control[64];
	struct iovec part = {.iov_base = buffer, .iov_len = sizeof buffer};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof control};
	struct sighting sighting;
	ssize_t size = recvmsg(descriptor, &message, MSG_DONTWAIT);

	if (size < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENETDOWN ? 0 : -1;
	news->lost += count_drops(descriptor, &message);
	news->packets++;
	enum packet_reason reason = packet_parse(&sighting, buffer, (size_t)size);
	take(context, reason, reason == PACKET_OK ? &sighting : NULL);
	return 1;
}

static enum source_state read_some(int descriptor, source_take *take, void *context,
				   struct source_news *news, struct error *error)
{
	*news = (struct source_news){0};
	for (unsigned i = 0; i < PACKETS_A_READ; i++) {
		int got = read_packet(descriptor, take, context, news);
		if (got < 0) {
			error_set(error, "%s", strerror(errno));
			return SOURCE_GONE;
		}
		if (got == 0)
			return SOURCE_FINE;
	}
	news->more = true;
	return SOURCE_FINE;
}

const struct source live_source = {
    .name = "pcap", .open = open_live, .tend = tend_live, .close = close_rest, .read = read_some};
