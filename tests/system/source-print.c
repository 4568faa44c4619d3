/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source-print nflog GROUP... | pcap INTERFACE... | savefile FILE | log FILE [PATTERN]: opens a source
 * as posternd does, gives up every capability, and reads it as postern-capture does. A line a packet,
 * "lost" where some were, what posternd would be told, and the sum at SIGTERM. Linked with
 * --wrap=recvmsg, so that it can tell packets from datagrams. */
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "source.h"

static volatile sig_atomic_t ended;
static unsigned packets, datagrams, lost;
static struct source_held held;
static const struct source *source;

ssize_t __real_recvmsg(int descriptor, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int descriptor, struct msghdr *message, int flags);

ssize_t __wrap_recvmsg(int descriptor, struct msghdr *message, int flags)
{
	ssize_t size = __real_recvmsg(descriptor, message, flags);

	datagrams += size > 0;
	return size;
}

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	if (syscall(SYS_capset, &header, none) != 0) {
		perror("capset");
		exit(1);
	}
}

static _Noreturn void fail(const char *text)
{
	fprintf(stderr, "%s\n", text);
	exit(1);
}

static void print(void *context, enum packet_reason reason, const struct sighting *sighting)
{
	char text[ADDRESS_TEXT];

	(void)context;
	if (sighting == NULL) {
		printf("refused %s\n", packet_name(reason));
		return;
	}
	address_print(text, &sighting->source);
	printf("%s %u %s %u", sighting->kind == SIGHTING_SPA ? "spa" : "touch", sighting->proto,
	       text, sighting->port);
	if (sighting->kind == SIGHTING_SPA) /* of letters, in the test */
		printf(" %.*s", KNOCK_SIZE, (const char *)sighting->knock);
	if (sighting->time_ms != 0)
		printf(" at %llu", (unsigned long long)sighting->time_ms);
	printf("\n");
}

static void tell(bool good, const char *text)
{
	printf("%s: %s\n", good ? "good" : "bad", text);
	fflush(stdout);
}

static void read_one(struct pollfd *poll)
{
	struct source_news news;
	struct error error;
	enum source_state state = source->read(poll->fd, print, NULL, &news, &error);

	if (state == SOURCE_GONE)
		fail(error.text);
	if (state == SOURCE_OVER) {
		printf("over: %s\n", error.text);
		poll->fd = -1;
	}
	packets += news.packets;
	lost += news.lost;
	if (news.lost > 0)
		printf("lost\n");
	fflush(stdout);
}

static void read_arguments(struct source_config *config, int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	for (int i = 2; i < argc && strcmp(what, "nflog") == 0; i++) {
		config->kind = SOURCE_NFLOG;
		config->groups[config->n_groups++] = (uint16_t)atoi(argv[i]);
	}
	for (int i = 2; i < argc && strcmp(what, "pcap") == 0; i++) {
		config->kind = SOURCE_PCAP;
		snprintf(config->interfaces[config->n_interfaces++], SOURCE_INTERFACE, "%s",
			 argv[i]);
	}
	if (argc > 2 && (strcmp(what, "savefile") == 0 || strcmp(what, "log") == 0)) {
		config->kind = what[0] == 's' ? SOURCE_SAVEFILE : SOURCE_LOG;
		snprintf(config->file, sizeof config->file, "%s", argv[2]);
		snprintf(config->pattern, sizeof config->pattern, "%s", argc > 3 ? argv[3] : "");
	}
	portset_parse(&config->spa, "53,443", NULL);
	portset_parse(&config->sequence, "20480-32767", NULL);
	portset_parse(&config->code, "1000-1255", NULL);
}

static void begin(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = end};
	static struct source_config config;
	struct error error;

	sigaction(SIGTERM, &action, NULL);
	read_arguments(&config, argc, argv);
	if (source_open(&held, &config, SOURCE_DESCRIPTORS, &error) == -1)
		fail(error.text);
	source = source_of(config.kind);
	if (source->tend != NULL)
		source->tend(&held, tell);
	if (source->prepare != NULL && source->prepare(&config, &error) == -1)
		fail(error.text);
	drop_capabilities();
	printf("ready\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct pollfd polls[SOURCE_DESCRIPTORS + 1];

	begin(argc, argv);
	for (size_t i = 0; i < held.n; i++)
		polls[i] = (struct pollfd){.fd = held.descriptors[i], .events = POLLIN};
	polls[held.n] = (struct pollfd){.fd = held.wake, .events = POLLIN};
	while (!ended && poll(polls, (nfds_t)held.n + 1, 100) >= 0) {
		for (size_t i = 0; i < held.n; i++)
			if (polls[i].fd != -1 && polls[i].revents != 0)
				read_one(&polls[i]);
		if (polls[held.n].fd != -1 && polls[held.n].revents != 0)
			source->tend(&held, tell);
	}
	printf("packets %u datagrams %u lost %u\n", packets, datagrams, lost);
	source_close(&held);
	return 0;
}
