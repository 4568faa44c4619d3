/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bare GROUP FILE: the least that can open a door. One process reads NFLOG, appends 64 bytes to the
 * file and makes them durable by one fsync, and commits one rule for the packet's source into the
 * chain POSTERN of mangle, in place of the last: no cryptography, no check, no second process. What
 * Postern takes longer than this is what its guarantees cost.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_log/libnetfilter_log.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "firewall/iptc4.h"

enum { BUFFER = 1 << 16, COPY = 256, DOOR = 7777, MARK = 0x10000, SOURCE = 12, V4_HEADER = 20 };

static _Alignas(struct nlmsghdr) char buffer[BUFFER];
static int record;

static void bind_group(struct mnl_socket *netlink, unsigned group)
{
	struct nlmsghdr *header =
	    nflog_nlmsg_put_header(buffer, NFULNL_MSG_CONFIG, AF_UNSPEC, (uint16_t)group);

	nflog_attr_put_cfg_cmd(header, NFULNL_CFG_CMD_BIND);
	nflog_attr_put_cfg_mode(header, NFULNL_COPY_PACKET, COPY);
	header->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(netlink, header, header->nlmsg_len) < 0)
		err(1, "cannot ask for the group");
	ssize_t size = mnl_socket_recvfrom(netlink, buffer, sizeof buffer);
	if (size < 0 || mnl_cb_run(buffer, (size_t)size, 0, 0, NULL, NULL) < 0)
		err(1, "the kernel refuses the group");
}

static void make_durable(const uint8_t *packet)
{
	char line[64] = {0};

	memcpy(line, packet + SOURCE, 4);
	if (write(record, line, sizeof line) != sizeof line || fsync(record) == -1)
		err(1, "the record");
}

/* The same entry that Postern writes. */
static void open_door(const uint8_t *packet)
{
	const struct xtc_ops *ops = iptc4_family.ops;
	struct rule rule = {.grant = 1, .door = {.proto = DOOR_UDP, .port = DOOR}, .key = "bare"};
	uint32_t now = (uint32_t)time(NULL);
	const struct iptcrule iptcrule = {
	    .rule = &rule, .start = now, .stop = now + 2, .mark = MARK};
	struct iptcrule_entry entry;

	address_from_v4(&rule.address, packet + SOURCE);
	iptc4_family.write(&entry, &iptcrule);
	struct xtc_handle *handle = ops->init("mangle");
	if (handle == NULL || !ops->flush_entries("POSTERN", handle) ||
	    !iptc4_family.append("POSTERN", &entry, handle) || !ops->commit(handle))
		errx(1, "the table: %s", ops->strerror(errno));
	ops->free(handle);
}

static int take(const struct nlmsghdr *header, void *context)
{
	struct nlattr *attributes[64] = {NULL};

	(void)context;
	if (header->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) ||
	    nflog_nlmsg_parse(header, attributes) < 0)
		return MNL_CB_OK;
	const struct nlattr *payload = attributes[NFULA_PAYLOAD];
	if (payload == NULL || mnl_attr_get_payload_len(payload) < V4_HEADER)
		return MNL_CB_OK;
	make_durable(mnl_attr_get_payload(payload));
	open_door(mnl_attr_get_payload(payload));
	return MNL_CB_OK;
}

int main(int argc, char **argv)
{
	struct mnl_socket *netlink = mnl_socket_open(NETLINK_NETFILTER);

	if (argc != 3)
		errx(2, "usage: bare GROUP FILE");
	record = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (record == -1)
		err(1, "%s", argv[2]);
	if (netlink == NULL || mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) != 0)
		err(1, "no netlink socket");
	bind_group(netlink, (unsigned)atoi(argv[1]));
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		ssize_t size = mnl_socket_recvfrom(netlink, buffer, sizeof buffer);
		if (size > 0)
			mnl_cb_run(buffer, (size_t)size, 0, 0, take, NULL);
	}
}
