/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nflog-print GROUP...: opens the groups as posternd does, gives up every capability, and reads them
 * as postern-capture does. A line a packet, "lost" where the kernel says so, and the sum at SIGTERM.
 * Linked with --wrap=recvmsg, so that it can tell packets from datagrams. */
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "source.h"

static volatile sig_atomic_t ended;
static unsigned packets, datagrams, lost;

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
	printf("\n");
}

static void read_one(int descriptor)
{
	struct source_news news;
	struct error error;

	if (source_of(SOURCE_NFLOG)->read(descriptor, print, NULL, &news, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	packets += news.packets;
	lost += news.lost;
	if (news.lost > 0)
		printf("lost\n");
	fflush(stdout);
}

static int open_all(int argc, char **argv, int *descriptors)
{
	struct source_config config = {.kind = SOURCE_NFLOG};
	struct error error;

	for (int i = 1; i < argc && config.n_groups < SOURCE_GROUPS; i++)
		config.groups[config.n_groups++] = (uint16_t)atoi(argv[i]);
	int n = source_of(SOURCE_NFLOG)->open(&config, descriptors, SOURCE_DESCRIPTORS, &error);
	if (n < 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(1);
	}
	return n;
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = end};
	int descriptors[SOURCE_DESCRIPTORS];
	struct pollfd polls[SOURCE_DESCRIPTORS];

	sigaction(SIGTERM, &action, NULL);
	int n = open_all(argc, argv, descriptors);
	drop_capabilities();
	printf("ready\n");
	fflush(stdout);
	for (int i = 0; i < n; i++)
		polls[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
	while (!ended && poll(polls, (nfds_t)n, 100) >= 0)
		for (int i = 0; i < n; i++)
			if (polls[i].revents != 0)
				read_one(polls[i].fd);
	printf("packets %u datagrams %u lost %u\n", packets, datagrams, lost);
	return 0;
}
