/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an enrolment to packets: the addresses of its host, the source address that the server will
 * see, and a UDP datagram or a TCP SYN that nobody will answer.
 */
#ifndef SEND_H
#define SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "error.h"
#include "token.h"

enum { SEND_TARGETS = 64 };

/* What the user wants of the source address. */
enum send_source {
	SEND_SOURCE_AUTO,  /* what the socket would use; unbound where that can't be what is seen */
	SEND_SOURCE_GIVEN, /* this one */
	SEND_SOURCE_NONE   /* unbound */
};

struct send_wish {
	int family; /* AF_INET, AF_INET6, or AF_UNSPEC for both */
	enum send_source source;
	struct address given;
};

/* One address of the host, and how to knock at it. */
struct send_target {
	struct address server;
	struct address source; /* what the packets will leave this machine with, or the given one */
	bool bound;            /* source goes into the knock */
};

enum send_result {
	SEND_OK = 0,
	SEND_REFUSED = -1, /* it makes no sense from here, or with this key: the user must choose */
	SEND_FAILED = -2   /* the network */
};

typedef void send_tell(void *context, enum send_result result, const struct error *why);

/* The addresses of the token's host that can be knocked at, bound ones first (the server takes unbound
 * knocks in ascending order of time only). Where some can't be, but others can, tell is called for
 * each that can't. */
enum send_result send_plan(struct send_target targets[static SEND_TARGETS], size_t *n_targets,
			   const struct token *token, const struct send_wish *wish, send_tell *tell,
			   void *context, struct error *error);

/* Sends one datagram; from source where that is this machine's own. 0 or -1. */
int send_packet(const struct send_target *target, uint16_t port, const void *packet, size_t size,
		struct error *error);

/* Begins a TCP connection and gives it up at once, so that one SYN is sent and not repeated. Needs no
 * privilege. 0 or -1. */
int send_syn(const struct send_target *target, uint16_t port, struct error *error);

/* Begins a TCP connection: a descriptor that does not block and can be written to once it stands. -1
 * with errno: it can't even begin. */
int send_connect(const struct send_target *target, uint16_t port);

#endif
