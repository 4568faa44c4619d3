/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plays posternd and postern-auth to one real postern-firewall: a line of standard input is
 * a command, a line of standard output its answer. The lock's file is that of XTABLES_LOCKFILE.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clocks.h"
#include "spawn.h"

enum { MAX_S = 3600, ACKS = 4096 };

static struct start start;
static struct process process;
static int channel;
static struct ack acks[ACKS];
static size_t n_acks;

/* Answers come at any time; false: nothing within the time, or the process has gone. */
static bool take_ack(int timeout_ms)
{
	static struct msg msg;
	struct pollfd wait = {.fd = channel, .events = POLLIN};

	if (n_acks == ACKS || poll(&wait, 1, timeout_ms) != 1 ||
	    msg_receive(channel, &msg, ROLE_FIREWALL, ROLE_AUTH, MSG_RUNNING) != 1)
		return false;
	acks[n_acks++] = msg.body.ACK;
	return true;
}

/* Taking answers meanwhile, as postern-auth does; deaf: not. */
static bool deliver(enum msg_type type, const void *body, bool deaf)
{
	struct pollfd wait = {.fd = channel, .events = POLLOUT};

	while (msg_send(channel, type, body) == -1) {
		if (errno != EAGAIN)
			return false;
		if (!deaf)
			take_ack(10);
		else if (poll(&wait, 1, 5000) != 1)
			return false;
	}
	return true;
}

static void send_one(enum msg_type type, const void *body)
{
	puts(deliver(type, body, false) ? "sent" : "gone");
}

static bool fill(struct order *order, const char *arguments)
{
	char address[64], door[16], key[64];
	uint64_t ms;

	*order = (struct order){.verb = ORDER_OPEN};
	if (sscanf(arguments, "%" SCNu64 " %63s %15s %" SCNu64 " %32s", &order->grant, address,
		   door, &ms, key) != 5 ||
	    address_parse(&order->address, address) != 0 ||
	    door_parse(&order->door, door, NULL) != 0)
		return false;
	order->until_ms = clocks_boot_ms() + ms;
	memcpy(order->key, key, strlen(key));
	return true;
}

/* open GRANT ADDRESS DOOR MILLISECONDS KEY */
static void do_open(const char *arguments)
{
	struct order order;

	if (fill(&order, arguments))
		send_one(MSG_ORDER, &order);
	else
		puts("usage");
}

/* forge WHAT GRANT…: the same, with something wrong in it */
static void do_forge(const char *arguments)
{
	size_t length = strcspn(arguments, " ");
	struct order order;

	if (!fill(&order, arguments + length)) {
		puts("usage");
		return;
	}
	switch (arguments[0]) {
	case 'k': /* key without an end */
		memset(order.key, 'a', sizeof(order.key));
		break;
	case 'v': /* verb */
		order.verb = 7;
		break;
	case 'f': /* family 0 */
		memset(&order.address, 0, sizeof(order.address));
		break;
	case 'y': /* year 2100 */
		order.until_ms = 4102444800000;
		break;
	case 'g': /* grant 0 */
		order.grant = 0;
		break;
	}
	send_one(MSG_ORDER, &order);
}

/* coming ADDRESS COUNT: so often, an order for it is said to come */
static void do_coming(const char *arguments)
{
	struct coming coming;
	char address[64];
	unsigned count, sent = 0;

	if (sscanf(arguments, "%63s %u", address, &count) != 2 ||
	    address_parse(&coming.address, address) != 0) {
		puts("usage");
		return;
	}
	while (sent < count && deliver(MSG_COMING, &coming, false))
		sent++;
	printf("%u\n", sent);
}

/* close GRANT */
static void do_close(const char *arguments)
{
	const struct order order = {.verb = ORDER_CLOSE, .grant = strtoull(arguments, NULL, 10)};

	send_one(MSG_ORDER, &order);
}

/* restored COUNT */
static void do_restored(const char *arguments)
{
	const struct restored restored = {.count = strtoull(arguments, NULL, 10)};

	send_one(MSG_RESTORED, &restored);
}

/* ack: what it says of a sighting, which it may never say */
static void do_foreign(const char *arguments)
{
	const struct ack ack = {.grant = 1};

	(void)arguments;
	send_one(MSG_ACK, &ack);
}

/* many FIRST COUNT MILLISECONDS [deaf]: orders for 10.0.0.0/8; the one in the middle for a foreign
 * door */
static void do_many(const char *arguments)
{
	struct order order = {.verb = ORDER_OPEN, .key = "many"};
	uint64_t count, ms, sent = 0;
	char deaf[8] = "";

	if (sscanf(arguments, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %7s", &order.grant, &count, &ms,
		   deaf) < 3) {
		puts("usage");
		return;
	}
	order.until_ms = clocks_boot_ms() + ms;
	for (; sent < count; sent++, order.grant++) {
		const uint8_t four[4] = {10, (uint8_t)(order.grant >> 16),
					 (uint8_t)(order.grant >> 8), (uint8_t)order.grant};
		order.door = start.config.doors[0];
		order.door.port = (uint16_t)(order.door.port + (sent == count / 2));
		address_from_v4(&order.address, four);
		if (!deliver(MSG_ORDER, &order, deaf[0] != '\0'))
			break;
	}
	printf("%" PRIu64 "\n", sent);
}

/* acks COUNT MILLISECONDS: of so many, which results came how often; or as many as came in time */
static void do_acks(const char *arguments)
{
	unsigned count = 0, good = 0, last = 0;
	int timeout_ms = 0;

	sscanf(arguments, "%u %d", &count, &timeout_ms);
	while (n_acks < count && take_ack(timeout_ms))
		continue;
	for (size_t i = 0; i < n_acks; i++) {
		good += acks[i].result == 0;
		if (acks[i].result != 0)
			last = acks[i].result;
	}
	printf("acks=%zu done=%u%s%s\n", n_acks, good, last ? " last=" : "",
	       last ? strerrorname_np((int)last) : "");
	n_acks = 0;
}

/* ready MILLISECONDS: does it say that it works? */
static void do_ready(const char *arguments)
{
	struct pollfd wait = {.fd = process.ready, .events = POLLIN};
	char byte;

	puts(poll(&wait, 1, atoi(arguments)) == 1 && read(process.ready, &byte, 1) == 1 ? "yes"
											: "no");
}

/* pid */
static void do_pid(const char *arguments)
{
	(void)arguments;
	printf("%d\n", process.pid);
}

/* part: posternd goes */
static void do_part(const char *arguments)
{
	(void)arguments;
	shutdown(process.channel, SHUT_RDWR);
	close(process.channel);
	process.channel = -1;
	puts("done");
}

/* hang-up: postern-auth goes */
static void do_hang_up(const char *arguments)
{
	(void)arguments;
	close(channel);
	channel = -1;
	puts("done");
}

/* ended MILLISECONDS: its exit status, within the time; or "no" */
static void do_ended(const char *arguments)
{
	int status = 0;

	for (int left = atoi(arguments); left >= 0; left -= 20) {
		if (waitpid(process.pid, &status, WNOHANG) == process.pid) {
			printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
			return;
		}
		poll(NULL, 0, 20);
	}
	puts("no");
}

static const struct {
	const char *name;
	void (*run)(const char *arguments);
} verbs[] = {
    {"open", do_open},       {"forge", do_forge}, {"close", do_close}, {"restored", do_restored},
    {"foreign", do_foreign}, {"many", do_many},   {"acks", do_acks},   {"ready", do_ready},
    {"pid", do_pid},         {"part", do_part},   {"ended", do_ended}, {"hang-up", do_hang_up},
    {"coming", do_coming},
};

static void run(char *line)
{
	size_t length;

	line[strcspn(line, "\n")] = '\0';
	length = strcspn(line, " ");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strlen(verbs[i].name) == length && strncmp(line, verbs[i].name, length) == 0) {
			verbs[i].run(line + length + (line[length] == ' '));
			return;
		}
	puts("usage");
}

static void configure(char **argv)
{
	struct config *config = &start.config;

	config->firewall = strcmp(argv[2], "none") == 0    ? CONFIG_NONE
			   : strcmp(argv[2], "ipset") == 0 ? CONFIG_IPSET
			   : strcmp(argv[2], "nft") == 0   ? CONFIG_NFT
							   : CONFIG_IPTC;
	snprintf(config->table, sizeof(config->table), "%s",
		 config->firewall == CONFIG_NFT ? "inet filter" : argv[2]);
	snprintf(config->set4, sizeof(config->set4), "postern4");
	snprintf(config->set6, sizeof(config->set6), "postern6");
	snprintf(config->chain, sizeof(config->chain), "POSTERN");
	config->mark = 0x10000;
	config->grant_max_s = MAX_S;
	door_parse(&config->doors[config->n_doors++], "tcp/22", NULL);
	door_parse(&config->doors[config->n_doors++], "udp/53", NULL);
	snprintf(start.root, sizeof(start.root), "%s", argv[3]);
	start.uid = start.gid = (uint32_t)strtoul(argv[4], NULL, 10);
	address_parse(&start.own[start.n_own++], "203.0.113.1");
}

int main(int argc, char **argv)
{
	const char *path = getenv("XTABLES_LOCKFILE");
	int pair[2], own[2];
	char line[256];

	if (argc != 5 || path == NULL) {
		fputs("usage: firewall-drive PROGRAM TABLE|ipset|nft|none ROOT UID\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	configure(argv);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return 1;
	own[0] = pair[1];
	own[1] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	channel = pair[0];
	if (spawn_process(&process, ROLE_FIREWALL, argv[1], &start, -1, own, 2) == -1) {
		fprintf(stderr, "cannot start %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	close(own[0]);
	close(own[1]);
	while (fgets(line, sizeof(line), stdin) != NULL)
		run(line);
	return 0;
}
