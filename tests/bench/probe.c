/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe: the observer. Knocks, then sends a datagram to the door every few microseconds, and notes
 * when the first that gets through was sent. That is all that it knows of the server, so whatever
 * opens the door is measured alike. Sites take turns: noise of the machine meets all of them.
 *
 *	probe echo PORT                             the one behind the door
 *	probe [-n RUNS] [-p MS] [-w MS] SITE…       a line a run: SITE MICROSECONDS, or "lost"
 *	probe -f [-n RUNS] SITE                     knocks only, for an hour each, from 10.9.0.1 on
 *
 * -p: from one run to the next; -w: for how long to wait for the door. A SITE is
 * NAME,ADDRESS,HOW,WHAT[,NUMBER]; NUMBER sets its own block of source addresses apart:
 *	spa,KEYS  sequence,KEYS     a knock by the keys of that file in turn, and a close after it
 *	spa-only,KEYS               the same, but the server's time closes the door
 *	ports,A:B:C                 an empty datagram to each
 *	file,PREFIX                 what stands in the file PREFIX followed by the run's number
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "keys.h"
#include "sequence.h"

enum { DOOR = 7777, SPA_PORT = 62201, STEP_US = 25, SITES = 16, RUNS_A_BLOCK = 250 };
enum { PROBES = 1 << 17, PAYLOAD = 1500, GRANT_S = 3, FILL_S = 3600 };

struct site {
	char *name, *what;
	struct sockaddr_in server;
	enum how { SPA, SPA_ONLY, SEQUENCE, PORTS, PAYLOAD_FILE } how;
	unsigned number;
	struct keys keys;
};

static struct site sites[SITES];
static unsigned n_sites, grant_s = GRANT_S, runs = 200, pause_ms = 150, wait_ms = 1000;
static bool filling;
static struct portset sequence_ports;
static uint64_t sent_ns[PROBES];

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static void sleep_until(uint64_t ns)
{
	const struct timespec at = {.tv_sec = (time_t)(ns / 1000000000),
				    .tv_nsec = (long)(ns % 1000000000)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static int open_socket(const struct sockaddr_in *from)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd == -1 || bind(fd, (const struct sockaddr *)from, sizeof *from) == -1)
		err(1, "no socket");
	return fd;
}

static void send_to(int fd, struct sockaddr_in to, unsigned port, const void *bytes, size_t size)
{
	to.sin_port = htons((uint16_t)port);
	if (sendto(fd, bytes, size, 0, (struct sockaddr *)&to, sizeof to) == -1)
		err(1, "cannot send");
}

/* ---- what opens the door ---- */

struct run {
	const struct site *site;
	unsigned number;
	struct sockaddr_in from;
	int fd;
};

static void seal(uint8_t knock[static KNOCK_SIZE], const struct run *run, enum knock_action action)
{
	const struct keys *keys = &run->site->keys;
	const struct request request = {.time_ms = clock_ns(CLOCK_REALTIME) / 1000000,
					.action = (uint8_t)action,
					.proto = IPPROTO_UDP,
					.port = DOOR,
					.seconds = (uint16_t)grant_s};
	struct address source;

	address_from_v4(&source, (const uint8_t *)&run->from.sin_addr);
	if (knock_seal(knock, keys->server, &keys->list[run->number % keys->count].who, &request,
		       &source) != 0)
		errx(1, "cannot seal");
}

/* The rest is sent at once as well, but any 32 of a sequence are enough: from there on is counted. */
static uint64_t send_sequence(const struct run *run, const uint8_t knock[static KNOCK_SIZE])
{
	uint8_t values[SEQUENCE_MOST];
	unsigned n = sequence_positions(&sequence_ports);
	uint64_t at = 0;

	sequence_encode(values, n, knock);
	for (unsigned i = 0; i < n; i++) {
		struct symbol symbol = {.position = (uint8_t)i, .value = values[i]};
		if (i == SEQUENCE_LEAST - 1)
			at = now_ns();
		send_to(run->fd, run->site->server, sequence_port(&sequence_ports, symbol), "", 0);
	}
	return at;
}

static uint64_t send_ports(const struct run *run)
{
	uint64_t at = 0;

	for (char *text = run->site->what; *text != '\0'; text += *text == ':') {
		at = now_ns();
		send_to(run->fd, run->site->server, (unsigned)strtoul(text, &text, 10), "", 0);
	}
	return at;
}

static uint64_t send_file(const struct run *run)
{
	char name[512], payload[PAYLOAD];
	snprintf(name, sizeof name, "%s%u", run->site->what, run->number);
	FILE *file = fopen(name, "r");
	if (file == NULL)
		err(1, "%s", name);
	size_t size = fread(payload, 1, sizeof payload, file);
	fclose(file);
	uint64_t at = now_ns();
	send_to(run->fd, run->site->server, SPA_PORT, payload, size);
	return at;
}

/* When the packet was sent that completes it. */
static uint64_t open_door(const struct run *run)
{
	uint8_t knock[KNOCK_SIZE];

	if (run->site->how == PORTS)
		return send_ports(run);
	if (run->site->how == PAYLOAD_FILE)
		return send_file(run);
	seal(knock, run, KNOCK_OPEN);
	if (run->site->how == SEQUENCE)
		return send_sequence(run, knock);
	uint64_t at = now_ns();
	send_to(run->fd, run->site->server, 20480 + (unsigned)rand() % 12288, knock, sizeof knock);
	return at;
}

static void close_door(const struct run *run)
{
	uint8_t knock[KNOCK_SIZE];

	if (run->site->how != SPA && run->site->how != SEQUENCE)
		return;
	seal(knock, run, KNOCK_CLOSE);
	send_to(run->fd, run->site->server, 20480, knock, sizeof knock);
}

/* ---- the door ---- */

static bool answered(int door, uint32_t *number)
{
	return recv(door, number, sizeof *number, 0) == (ssize_t)sizeof *number;
}

/* The number of the first that came back, or PROBES. */
static uint32_t try_door(int door, uint64_t end_ns)
{
	uint32_t number;

	for (uint32_t i = 0; i < PROBES; i++) {
		sent_ns[i] = now_ns();
		if (send(door, &i, sizeof i, 0) == -1)
			err(1, "cannot send to the door");
		if (answered(door, &number))
			return number;
		if (sent_ns[i] > end_ns)
			break;
		sleep_until(sent_ns[i] + STEP_US * 1000);
	}
	return PROBES;
}

static int open_probe(const struct run *run)
{
	int door = open_socket(&run->from);
	struct sockaddr_in to = run->site->server;

	to.sin_port = htons(DOOR);
	if (connect(door, (struct sockaddr *)&to, sizeof to) == -1)
		err(1, "no way to the door");
	return door;
}

static void measure(struct run *run)
{
	int door = open_probe(run);

	if (try_door(door, now_ns() + 2000000) != PROBES)
		errx(1, "%s: the door is open before the knock", run->site->name);
	uint64_t start = open_door(run);
	uint32_t first = try_door(door, start + (uint64_t)wait_ms * 1000000);
	if (first == PROBES)
		printf("%s lost\n", run->site->name);
	else
		printf("%s %.1f\n", run->site->name, (double)(sent_ns[first] - start) / 1000);
	close(door);
}

/* An address that no other run has: 10.9.0.0/16 is all ours. */
static void run_once(const struct site *site, unsigned number)
{
	struct run run = {.site = site, .number = number, .from.sin_family = AF_INET};
	unsigned block = site->number * 4 + number / RUNS_A_BLOCK;

	run.from.sin_addr.s_addr =
	    htonl(10u << 24 | 9u << 16 | block << 8 | (1 + number % RUNS_A_BLOCK));
	run.fd = open_socket(&run.from);
	measure(&run);
	sleep_until(now_ns() + 5000000);
	close_door(&run);
	close(run.fd);
}

/* Where a few get lost, it is done again. */
static void fill(const struct site *site)
{
	grant_s = FILL_S;
	for (unsigned number = 0; number < runs; number++) {
		struct run run = {.site = site, .number = number, .from.sin_family = AF_INET};

		run.from.sin_addr.s_addr = htonl(10u << 24 | 9u << 16 | number / RUNS_A_BLOCK << 8 |
						 (1 + number % RUNS_A_BLOCK));
		run.fd = open_socket(&run.from);
		open_door(&run);
		close(run.fd);
		sleep_until(now_ns() + 200000);
	}
}

/* ---- the command line ---- */

static void read_keys(struct site *site)
{
	static char text[64 << 20];
	FILE *file = fopen(site->what, "r");
	struct error error;

	if (file == NULL)
		err(1, "%s", site->what);
	size_t size = fread(text, 1, sizeof text, file);
	fclose(file);
	if (keys_parse(&site->keys, text, size, &error) != 0 || site->keys.count == 0)
		errx(1, "%s: %s", site->what, error.text);
}

static enum how read_how(const char *text)
{
	static const char *const names[] = {"spa", "spa-only", "sequence", "ports", "file"};

	for (enum how how = SPA; how <= PAYLOAD_FILE; how++)
		if (text != NULL && strcmp(text, names[how]) == 0)
			return how;
	errx(2, "how to knock: spa, spa-only, sequence, ports or file");
}

static void read_site(char *text)
{
	struct site *site = &sites[n_sites];

	site->name = strsep(&text, ",");
	const char *address = strsep(&text, ",");
	site->how = read_how(strsep(&text, ","));
	site->what = strsep(&text, ",");
	site->number = text != NULL ? (unsigned)atoi(text) : n_sites;
	site->server.sin_family = AF_INET;
	if (site->what == NULL || inet_pton(AF_INET, address, &site->server.sin_addr) != 1)
		errx(2, "a site is NAME,ADDRESS,HOW,WHAT[,NUMBER]");
	if (site->how <= SEQUENCE)
		read_keys(site);
	n_sites++;
}

static void echo(const char *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char bytes[64];

	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof at) == -1)
		err(1, "echo");
	for (;;) {
		struct sockaddr_in from;
		socklen_t room = sizeof from;
		ssize_t size =
		    recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &room);
		if (size > 0)
			sendto(fd, bytes, (size_t)size, 0, (struct sockaddr *)&from, room);
	}
}

static void read_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "fn:p:w:")) != -1) {
		if (option == 'f') {
			filling = true;
			continue;
		}
		unsigned *const number = option == 'n'   ? &runs
					 : option == 'p' ? &pause_ms
							 : &wait_ms;
		if (option == '?')
			exit(2);
		*number = (unsigned)atoi(optarg);
	}
	for (int i = optind; i < argc && n_sites < SITES; i++)
		read_site(argv[i]);
}

int main(int argc, char **argv)
{
	struct error error;

	if (argc == 3 && strcmp(argv[1], "echo") == 0)
		echo(argv[2]);
	prctl(PR_SET_TIMERSLACK, 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (crypto_start() == -1 || portset_parse(&sequence_ports, "20480-32767", &error) == -1)
		errx(1, "cannot start");
	read_options(argc, argv);
	if (filling && n_sites == 1) {
		fill(&sites[0]);
		return 0;
	}
	uint64_t next = now_ns();
	for (unsigned run = 0; run < runs; run++)
		for (unsigned i = 0; i < n_sites; i++) {
			run_once(&sites[i], run);
			/* Some jitter: nothing of a server's own rhythm is always met. */
			next += pause_ms * UINT64_C(1000000) + (unsigned)rand() % 5000000;
			next = next < now_ns() ? now_ns() : next;
			sleep_until(next);
		}
	return 0;
}
