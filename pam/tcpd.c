/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * postern-tcpd: stands between inetd and a server, as tcpd does. Has the peer of descriptor 0
 * knocked for the port that it came to? Then the server takes this process' place; else the
 * connection is closed, and the log says why.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "address.h"
#include "check.h"
#include "door.h"
#include "log.h"
#include "paths.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2 };

/* Where inetd's servers are when a line of inetd.conf gives a bare name. */
#define SERVERS "/usr/sbin"

static bool endpoint(struct address *address, uint16_t *port, const struct sockaddr_storage *from)
{
	if (from->ss_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, from, sizeof v4);
		address_from_v4(address, (const uint8_t *)&v4.sin_addr);
		*port = ntohs(v4.sin_port);
		return true;
	}
	if (from->ss_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, from, sizeof v6);
		memcpy(address->bytes, &v6.sin6_addr, sizeof address->bytes);
		*port = ntohs(v6.sin6_port);
		return true;
	}
	return false;
}

/* Descriptor 2 is the peer's: without syslog, nothing is said. */
static void start_log(void)
{
	int fd = log_open();
	log_start("postern-tcpd", fd >= 0 ? fd : open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static bool is_connected(void)
{
	int type;
	socklen_t size = sizeof type;
	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

static const char *bare(const char *server)
{
	const char *name = strrchr(server, '/');
	return name != NULL ? name + 1 : server;
}

static _Noreturn void deny(const char *server, const char *peer, const char *reason)
{
	struct log_event event;
	log_event(&event, LOG_NOTICE, "denied");
	log_text(&event, "by", "tcpd");
	log_text(&event, "addr", peer);
	log_text(&event, "reason", reason);
	log_text(&event, "service", bare(server));
	log_send(&event);
	exit(EXIT_REFUSED);
}

/* Who is there, and which door did he come to? Only a connected stream tells. */
static void look(const char *server, struct address *peer, struct door *door)
{
	struct sockaddr_storage far, near;
	struct address here;
	uint16_t far_port;
	int type = 0;
	socklen_t size = sizeof type, far_size = sizeof far, near_size = sizeof near;
	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
	    type != SOCK_STREAM) {
		/* A datagram that stays would make inetd start us again without end. */
		recv(STDIN_FILENO, NULL, 0, MSG_DONTWAIT);
		deny(server, "", "not-an-address");
	}
	if (getpeername(STDIN_FILENO, (struct sockaddr *)&far, &far_size) != 0 ||
	    getsockname(STDIN_FILENO, (struct sockaddr *)&near, &near_size) != 0 ||
	    !endpoint(peer, &far_port, &far) || !endpoint(&here, &door->port, &near))
		deny(server, "", "not-an-address");
	door->proto = DOOR_TCP;
	door->zero = 0;
}

static void ask_daemon(const char *server, const struct address *peer, const struct door *door)
{
	struct check check = {
	    .address = *peer, .door = door, .by = "tcpd", .service = bare(server)};
	struct check_answer answer;
	char from[ADDRESS_TEXT];
	address_print(from, peer);
	if (!check_ask(&answer, PATHS_CONTROL, &check))
		deny(server, from, answer.reason);
}

/* As tcpd: called by its own name, the server is the first argument; called by a server's name
 * (inetd passes what its line says as argv[0]), it is that one. */
static char **server_of(int argc, char **argv, char *path, size_t size)
{
	if (strcmp(bare(argv[0]), "postern-tcpd") == 0) {
		if (argc < 2)
			return NULL;
		argv++;
	}
	int length = argv[0][0] == '/' ? snprintf(path, size, "%s", argv[0])
				       : snprintf(path, size, SERVERS "/%s", argv[0]);
	return length > 0 && (size_t)length < size ? argv : NULL;
}

int main(int argc, char **argv)
{
	char path[4096];
	struct address peer;
	struct door door;
	start_log();
	char **server = argc > 0 ? server_of(argc, argv, path, sizeof path) : NULL;
	if (server == NULL) {
		if (is_connected())
			log_error("inetd's line for it names no server");
		else
			fprintf(stderr,
				"usage: postern-tcpd SERVER [ARGUMENT...], from inetd.conf\n");
		return EXIT_USAGE;
	}
	look(server[0], &peer, &door);
	ask_daemon(server[0], &peer, &door);
	execv(path, server);
	log_error("cannot start %s: %s", path, strerror(errno));
	return EXIT_REFUSED;
}
