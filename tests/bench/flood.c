/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood ADDRESS SECONDS FROM TO [HEX]: as many UDP datagrams as it can send, of 64 random bytes each,
 * from random sources in 11.0.0.0/8, to random ports in that range. With HEX, these bytes (a knock
 * that was captured) instead, in each second datagram with one bit flipped. Ends early by SIGTERM;
 * tells how many it sent.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { AT_ONCE = 64, PAYLOAD = 64 };

/* Nothing in it is padding: a datagram whose lengths disagree is refused before it costs anything. */
struct packet {
	struct iphdr ip;
	struct udphdr udp;
	uint32_t payload[PAYLOAD / 4];
};
_Static_assert(sizeof(struct packet) == 20 + 8 + PAYLOAD, "padding");

static struct packet packets[AT_ONCE];
static struct iovec parts[AT_ONCE];
static struct mmsghdr messages[AT_ONCE];
static uint8_t captured[PAYLOAD];
static unsigned captured_size; /* 0: random bytes */
static volatile sig_atomic_t ended;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static uint64_t random64(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void prepare(struct sockaddr_in *to)
{
	for (int i = 0; i < AT_ONCE; i++) {
		packets[i].ip = (struct iphdr){.version = 4,
					       .ihl = sizeof(struct iphdr) / 4,
					       .ttl = 64,
					       .protocol = IPPROTO_UDP,
					       .daddr = to->sin_addr.s_addr};
		size_t size = captured_size > 0 ? captured_size : PAYLOAD;
		packets[i].udp.len = htons((uint16_t)(sizeof(struct udphdr) + size));
		parts[i] = (struct iovec){&packets[i], sizeof packets[i] - PAYLOAD + size};
		messages[i].msg_hdr = (struct msghdr){.msg_name = to,
						      .msg_namelen = sizeof *to,
						      .msg_iov = &parts[i],
						      .msg_iovlen = 1};
	}
}

static void fill_captured(uint8_t *payload)
{
	unsigned bit = (unsigned)(random64() >> 20) % (captured_size * 8);

	memcpy(payload, captured, captured_size);
	if (random64() >> 40 & 1)
		payload[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void fill(struct packet *packet, unsigned from, unsigned ports)
{
	uint64_t random = random64();

	packet->ip.saddr = htonl(11u << 24 | (uint32_t)(random & 0xffffff));
	packet->udp.source = htons((uint16_t)(1024 + (random >> 24) % 60000));
	packet->udp.dest = htons((uint16_t)(from + (random >> 40) % ports));
	if (captured_size > 0) {
		fill_captured((uint8_t *)packet->payload);
		return;
	}
	for (int i = 0; i < PAYLOAD / 4; i++)
		packet->payload[i] = (uint32_t)random64();
}

static void read_captured(const char *hex)
{
	for (; captured_size < PAYLOAD && sscanf(hex, "%2hhx", &captured[captured_size]) == 1;
	     hex += 2)
		captured_size++;
	if (captured_size == 0 || *hex != '\0')
		errx(2, "no bytes in hex, or too many");
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	unsigned long sent = 0;

	if (argc < 5 || argc > 6 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: flood ADDRESS SECONDS FROM TO [HEX]");
	if (fd == -1)
		err(1, "no raw socket");
	signal(SIGTERM, end);
	if (argc == 6)
		read_captured(argv[5]);
	prepare(&to);
	time_t stop = time(NULL) + atoi(argv[2]);
	unsigned from = (unsigned)atoi(argv[3]), ports = (unsigned)atoi(argv[4]) - from + 1;
	while (!ended && time(NULL) < stop) {
		for (int i = 0; i < AT_ONCE; i++)
			fill(&packets[i], from, ports);
		int n = sendmmsg(fd, messages, AT_ONCE, 0);
		sent += n > 0 ? (unsigned long)n : 0;
	}
	printf("sent %lu\n", sent);
	return 0;
}
