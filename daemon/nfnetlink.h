/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question to the kernel's netfilter, and its answers: what rules, sets and elements there are.
 * libmnl's own functions put and take the attributes; no file is read for any of it.
 */
#ifndef NFNETLINK_H
#define NFNETLINK_H

#include <libmnl/libmnl.h>
#include <stdint.h>

enum { NFNETLINK_REQUEST = 1024 }; /* bytes that a question may have */

struct nfnetlink_request {
	_Alignas(struct nlmsghdr) char bytes[NFNETLINK_REQUEST];
};

/* Null with errno. Whoever asks waits for two seconds at most. */
struct mnl_socket *nfnetlink_open(void);

/* Begins one: subsystem is NFNL_SUBSYS_…, flags is NLM_F_DUMP, or NLM_F_ACK for a single thing. */
struct nlmsghdr *nfnetlink_begin(struct nfnetlink_request *request, unsigned subsystem,
				 unsigned type, unsigned flags, uint8_t family);

/* An answer: the attributes behind its struct nfgenmsg, which is there. */
typedef void nfnetlink_each(const struct nlmsghdr *header, void *data);

/* Asks, and gives each answer to the function. 0, or -1 with errno, which is ENOENT where what was
 * asked for is not there, and EINTR where it was changed meanwhile. */
int nfnetlink_ask(struct mnl_socket *socket, struct nlmsghdr *request, nfnetlink_each *each,
		  void *data);

#endif
