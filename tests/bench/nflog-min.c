/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nflog-min GROUP [BYTES]: the least that a reader of NFLOG can be. Binds the group with
 * libnetfilter_log, receives, parses and counts, until SIGTERM; then tells what a packet cost. With
 * BYTES, the kernel gathers that much into a batch. What capture costs beyond this is ours.
 */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_log/libnetfilter_log.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>

enum { BUFFER = 1 << 17, COPY = 256 };

static _Alignas(struct nlmsghdr) char buffer[BUFFER];
static unsigned long packets, datagrams;
static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static void bind_group(struct mnl_socket *netlink, unsigned group, unsigned batch)
{
	struct nlmsghdr *header =
	    nflog_nlmsg_put_header(buffer, NFULNL_MSG_CONFIG, AF_UNSPEC, (uint16_t)group);

	nflog_attr_put_cfg_cmd(header, NFULNL_CFG_CMD_BIND);
	nflog_attr_put_cfg_mode(header, NFULNL_COPY_PACKET, COPY);
	mnl_attr_put_u32(header, NFULA_CFG_TIMEOUT, htonl(1));
	if (batch > 0)
		mnl_attr_put_u32(header, NFULA_CFG_NLBUFSIZ, htonl(batch));
	header->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(netlink, header, header->nlmsg_len) < 0)
		die("cannot ask for the group");
	ssize_t size = mnl_socket_recvfrom(netlink, buffer, sizeof buffer);
	if (size < 0 || mnl_cb_run(buffer, (size_t)size, 0, 0, NULL, NULL) < 0)
		die("the kernel refuses the group");
}

static int count(const struct nlmsghdr *header, void *context)
{
	struct nlattr *attributes[64] = {NULL};

	(void)context;
	if (header->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET))
		return MNL_CB_OK;
	if (nflog_nlmsg_parse(header, attributes) >= 0 && attributes[NFULA_PAYLOAD] != NULL)
		packets++;
	return MNL_CB_OK;
}

/* Now and then there is nothing, or (ENOBUFS) the kernel has dropped some. */
static void read_all(struct mnl_socket *netlink)
{
	while (!ended) {
		ssize_t size = mnl_socket_recvfrom(netlink, buffer, sizeof buffer);
		if (size < 0)
			continue;
		datagrams++;
		mnl_cb_run(buffer, (size_t)size, 0, 0, count, NULL);
	}
}

static double cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return 1e6 * (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
	struct mnl_socket *netlink = mnl_socket_open(NETLINK_NETFILTER);
	const struct timeval pause = {.tv_usec = 100000};
	int size = 8 << 20;

	if (argc < 2) {
		fprintf(stderr, "usage: nflog-min GROUP [BYTES]\n");
		return 2;
	}
	if (netlink == NULL || mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) != 0)
		die("no netlink socket");
	setsockopt(mnl_socket_get_fd(netlink), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	bind_group(netlink, (unsigned)atoi(argv[1]), argc > 2 ? (unsigned)atoi(argv[2]) : 0);
	setsockopt(mnl_socket_get_fd(netlink), SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof pause);
	signal(SIGTERM, end);
	printf("ready\n");
	fflush(stdout);
	read_all(netlink);
	printf("packets %lu datagrams %lu us_a_packet %.3f\n", packets, datagrams,
	       packets > 0 ? cpu_us() / (double)packets : 0.0);
	return 0;
}
