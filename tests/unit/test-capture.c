/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real postern-capture, locked down, between a socket that plays NFLOG and one that plays auth.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "root.h"
#include "spawn.h"
#include "unit.h"

enum { TCP = 6, UDP = 17, PAYLOAD = 40 };

static struct start start;
static struct process process;
static struct msg msg;
static int auth[2], nflog[2];
static char root[] = "/tmp/postern-test-XXXXXX", program[4096];

/* The netlink messages of one datagram. */
static _Alignas(struct nlmsghdr) char datagram[65536];
static size_t used;

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* An IPv4 packet from 198.51.100.LAST to this port: a TCP SYN, or UDP with a payload of one byte
 * repeated. */
static size_t make_packet(uint8_t *packet, uint8_t proto, uint8_t last, unsigned port, uint8_t byte)
{
	size_t size = proto == TCP ? 40 : 28 + PAYLOAD;

	memset(packet, 0, size);
	packet[0] = 0x45;
	put16(packet + 2, (unsigned)size);
	packet[8] = 64;
	packet[9] = proto;
	memcpy(packet + 12, (uint8_t[]){198, 51, 100, last, 203, 0, 113, 1}, 8);
	put16(packet + 20, 40000);
	put16(packet + 22, port);
	if (proto == TCP) {
		packet[32] = 0x50;
		packet[33] = 0x02;
	} else {
		put16(packet + 24, 8 + PAYLOAD);
		memset(packet + 28, byte, PAYLOAD);
	}
	return size;
}

static void add(uint8_t proto, uint8_t last, unsigned port, uint8_t byte)
{
	uint8_t packet[128];
	size_t size = make_packet(packet, proto, last, port, byte);
	struct nlmsghdr *header = (struct nlmsghdr *)(datagram + used);
	struct nlattr *attribute =
	    (struct nlattr *)((char *)NLMSG_DATA(header) + sizeof(struct nfgenmsg));

	memset(header, 0, NLMSG_SPACE(sizeof(struct nfgenmsg)));
	header->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET;
	attribute->nla_type = NFULA_PAYLOAD;
	attribute->nla_len = (uint16_t)(sizeof(*attribute) + size);
	memcpy(attribute + 1, packet, size);
	header->nlmsg_len =
	    (uint32_t)NLMSG_LENGTH(sizeof(struct nfgenmsg) + NLMSG_ALIGN(attribute->nla_len));
	used += NLMSG_ALIGN(header->nlmsg_len);
}

static void deliver(void)
{
	assert_int_equal(send(nflog[1], datagram, used, 0), (ssize_t)used);
	used = 0;
}

static void deliver_one(uint8_t proto, uint8_t last, unsigned port, uint8_t byte)
{
	add(proto, last, port, byte);
	deliver();
}

/* The next message to auth; null if none comes in time. */
static const struct sightings *next(int timeout_ms)
{
	struct pollfd fd = {.fd = auth[1], .events = POLLIN};

	if (poll(&fd, 1, timeout_ms) != 1)
		return NULL;
	assert_int_equal(msg_receive(auth[1], &msg, ROLE_CAPTURE, ROLE_AUTH, MSG_RUNNING), 1);
	/* One alone comes as such: the same to who counts. */
	if (msg.type == MSG_SIGHTING) {
		const struct sighting one = msg.body.SIGHTING;
		msg.body.SIGHTINGS = (struct sightings){.count = 1, .list[0] = one};
	}
	assert_true(msg.body.SIGHTINGS.count <= SIGHTINGS_BATCH);
	return &msg.body.SIGHTINGS;
}

static const struct sightings *must_come(void)
{
	const struct sightings *sightings = next(10000);

	assert_non_null(sightings);
	return sightings;
}

static void start_it(int source)
{
	int own[] = {auth[0], source}, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct pollfd ready;
	char byte;

	assert_int_equal(
	    spawn_process(&process, ROLE_CAPTURE, program, &start, null, own, COUNT(own)), 0);
	close(null);
	ready = (struct pollfd){.fd = process.ready, .events = POLLIN};
	assert_int_equal(poll(&ready, 1, 10000), 1);
	assert_int_equal(read(process.ready, &byte, 1), 1);
}

static int fate(void)
{
	int status;

	assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
	spawn_forget(&process);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int prepare(void **state)
{
	(void)state;
	memset(&start, 0, sizeof(start));
	start.uid = start.gid = root_is_real ? 54321 : 0;
	start.n_sources = 1;
	start.source_kind[0] = SOURCE_NFLOG;
	start.n_own = 1;
	address_parse(&start.own[0], "198.51.100.99");
	portset_parse(&start.config.spa, "53,20000-20999", NULL);
	portset_parse(&start.config.sequence, "30000-40000", NULL);
	portset_parse(&start.config.code, "1000-1020", NULL);
	strcpy(root + sizeof(root) - sizeof("XXXXXX"), "XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(chmod(root, 0755), 0);
	snprintf(start.root, sizeof(start.root), "%s", root);
	used = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, auth), 0);
	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, nflog);
}

static int prepare_and_start(void **state)
{
	int result = prepare(state);

	start_it(nflog[0]);
	return result;
}

static int clean(void **state)
{
	(void)state;
	if (process.pid != 0) {
		kill(process.pid, SIGKILL);
		assert_int_equal(fate(), -SIGKILL);
	}
	close(auth[0]);
	close(auth[1]);
	close(nflog[0]);
	close(nflog[1]);
	return rmdir(root);
}

static void hands_on_a_knock_at_once(void **state)
{
	const struct sightings *sightings;
	struct address from;

	(void)state;
	deliver_one(UDP, 7, 53, 0xaa);
	sightings = must_come();
	address_parse(&from, "198.51.100.7");
	assert_int_equal(sightings->count, 1);
	assert_int_equal(sightings->ignored, 0);
	assert_int_equal(sightings->list[0].kind, SIGHTING_SPA);
	assert_int_equal(sightings->list[0].port, 53);
	assert_true(address_equal(&sightings->list[0].source, &from));
	for (size_t i = 0; i < KNOCK_SIZE; i++)
		assert_int_equal(sightings->list[0].knock[i], 0xaa);
}

static void keeps_what_no_carrier_wants(void **state)
{
	const struct sightings *sightings;

	(void)state;
	add(UDP, 7, 54, 0);       /* no port for a single packet */
	add(UDP, 7, 30000, 0);    /* nor is this: a sequence's, and no symbol either */
	add(TCP, 7, 53, 0);       /* no port for a touch */
	add(47, 7, 53, 0);        /* no protocol for a knock */
	add(UDP, 99, 53, 0);      /* our own address */
	add(TCP, 7, 30000, 0);    /* a sequence's */
	add(TCP, 7, 1020, 0);     /* a code's */
	add(UDP, 7, 20999, 0x11); /* a knock */
	deliver();
	sightings = must_come();
	assert_int_equal(sightings->count, 3);
	assert_int_equal(sightings->ignored, 5);
	assert_int_equal(sightings->list[0].kind, SIGHTING_TOUCH);
	assert_int_equal(sightings->list[0].port, 30000);
	assert_int_equal(sightings->list[1].port, 1020);
	assert_int_equal(sightings->list[2].kind, SIGHTING_SPA);
}

static void tells_counts_within_seconds(void **state)
{
	const struct sightings *sightings;
	uint64_t ignored = 0;

	(void)state;
	/* A flood of noise is told, too, and not packet by packet. */
	for (int i = 0; i < 30; i++) {
		deliver_one(UDP, 7, 54, 0);
		if ((sightings = next(100)) == NULL)
			continue;
		assert_int_equal(sightings->count, 0);
		ignored += sightings->ignored;
	}
	if (ignored < 30)
		ignored += must_come()->ignored;
	assert_int_equal(ignored, 30);
	assert_null(next(100));
}

static void tells_what_was_lost(void **state)
{
	(void)state;
	add(UDP, 7, 53, 0);
	((struct nlmsghdr *)datagram)->nlmsg_len = NLMSG_HDRLEN; /* too short */
	deliver();
	deliver_one(UDP, 7, 53, 0x22);
	assert_int_equal(must_come()->lost, 1);
	assert_int_equal(msg.body.SIGHTINGS.count, 1);
}

static void fills_batches(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SIGHTINGS_BATCH + 8; i++)
		add(UDP, (uint8_t)(i % 90), 53, (uint8_t)i);
	deliver();
	assert_int_equal(must_come()->count, SIGHTINGS_BATCH);
	for (unsigned i = 0; i < SIGHTINGS_BATCH; i++)
		assert_int_equal(msg.body.SIGHTINGS.list[i].knock[0], (uint8_t)i);
	assert_int_equal(must_come()->count, 8);
	assert_int_equal(msg.body.SIGHTINGS.list[0].knock[0], (uint8_t)SIGHTINGS_BATCH);
	assert_int_equal(msg.body.SIGHTINGS.list[7].knock[0], (uint8_t)(SIGHTINGS_BATCH + 7));
	assert_int_equal(msg.body.SIGHTINGS.list[8].port, 0);
}

/* Sends until capture, which waits for auth, takes no more. */
static unsigned flood(void)
{
	unsigned sent = 0;
	int waited = 0;

	add(UDP, 7, 53, 0);
	while (waited < 20) {
		datagram[NLMSG_LENGTH(sizeof(struct nfgenmsg)) + sizeof(struct nlattr) + 28] =
		    (char)sent;
		if (send(nflog[1], datagram, used, MSG_DONTWAIT) == (ssize_t)used) {
			sent++;
			waited = 0;
		} else {
			waited++;
			poll(NULL, 0, 10);
		}
	}
	used = 0;
	return sent;
}

static void loses_nothing_while_auth_is_behind(void **state)
{
	unsigned sent = flood(), seen = 0;
	const struct sightings *sightings;

	(void)state;
	assert_true(sent > 100);
	while (seen < sent) {
		sightings = must_come();
		assert_int_equal(sightings->lost, 0);
		for (uint32_t i = 0; i < sightings->count; i++, seen++)
			assert_int_equal(sightings->list[i].knock[0], (uint8_t)seen);
	}
	assert_null(next(50));
}

static void ends_with_auth(void **state)
{
	(void)state;
	close(auth[0]);
	close(auth[1]);
	auth[0] = auth[1] = -1;
	assert_int_equal(fate(), 0);
}

static void ends_with_posternd(void **state)
{
	(void)state;
	close(process.channel);
	process.channel = -1;
	assert_int_equal(fate(), 0);
}

static void ends_with_posternd_while_auth_is_behind(void **state)
{
	(void)state;
	flood();
	close(process.channel);
	process.channel = -1;
	assert_int_equal(fate(), 0);
}

/* Who comes after it would not know of the half of a sequence that went before. */
static void ends_between_two_knocks(void **state)
{
	enum { MANY = 200 }; /* more than it reads in one turn */
	unsigned seen = 0;

	(void)state;
	kill(process.pid, SIGSTOP);
	for (unsigned i = 0; i < MANY; i++)
		deliver_one(TCP, 7, 30000 + i, 0);
	close(process.channel);
	process.channel = -1;
	kill(process.pid, SIGCONT);
	while (seen < MANY) {
		const struct sightings *sightings = must_come();
		for (uint32_t i = 0; i < sightings->count; i++, seen++)
			assert_int_equal(sightings->list[i].port, 30000 + seen);
	}
	assert_int_equal(fate(), 0);
}

static void dies_of_a_message(void **state)
{
	(void)state;
	/* A second START. */
	assert_int_equal(msg_send(process.channel, MSG_START, &start), 0);
	assert_int_equal(fate(), 3);
}

static void tells_a_source_of_no_more_use(void **state)
{
	int broken[2];

	(void)state;
	assert_int_equal(pipe2(broken, O_CLOEXEC), 0);
	start_it(broken[0]);
	close(broken[1]);
	assert_int_equal(fate(), PROCESS_NO_SOURCE);
	close(broken[0]);
}

int main(void)
{
	const char *builddir = getenv("builddir");
#define TEST(test) cmocka_unit_test_setup_teardown(test, prepare_and_start, clean)
	const struct CMUnitTest tests[] = {
	    TEST(hands_on_a_knock_at_once),
	    TEST(keeps_what_no_carrier_wants),
	    TEST(tells_counts_within_seconds),
	    TEST(tells_what_was_lost),
	    TEST(fills_batches),
	    TEST(loses_nothing_while_auth_is_behind),
	    TEST(ends_with_auth),
	    TEST(ends_with_posternd),
	    TEST(ends_with_posternd_while_auth_is_behind),
	    TEST(ends_between_two_knocks),
	    TEST(dies_of_a_message),
	    cmocka_unit_test_setup_teardown(tells_a_source_of_no_more_use, prepare, clean),
	};

	snprintf(program, sizeof(program), "%s/daemon/capture/postern-capture",
		 builddir == NULL ? "." : builddir);
	if (!root_become()) {
		puts("1..0 # SKIP neither root nor a user namespace");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
