/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question to the kernel's netfilter, and its answers: what rules, sets and elements there are.
 * libmnl's own functions put and take the attributes; no file is read for any of it.
 */
#ifndef NFNETLINK_H
#define NFNETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NFNETLINK_REQUEST = 1024 }; /* bytes that a question may have */

struct nfnetlink_request {
	_Alignas(struct nlmsghdr) char bytes[NFNETLINK_REQUEST];
};

/* Null with errno. Whoever asks waits for two seconds at most. */
struct mnl_socket *nfnetlink_open(void);

/* Begins a message: subsystem is NFNL_SUBSYS_…, flags is NLM_F_DUMP, or NLM_F_ACK for a single thing. */
struct nlmsghdr *nfnetlink_put(void *at, unsigned subsystem, unsigned type, unsigned flags,
			       uint8_t family, uint32_t sequence);
/* Begins a question. */
struct nlmsghdr *nfnetlink_begin(struct nfnetlink_request *request, unsigned subsystem,
				 unsigned type, unsigned flags, uint8_t family);
uint32_t nfnetlink_sequence(void); /* the next */

/* An answer: the attributes behind its struct nfgenmsg, which is there. */
typedef void nfnetlink_each(const struct nlmsghdr *header, void *data);

/* Asks, and gives each answer to the function, which may be null. 0, or -1 with errno, which is
 * ENOENT where what was asked for is not there, and EINTR where it was changed meanwhile. */
int nfnetlink_ask(struct mnl_socket *socket, struct nlmsghdr *request, nfnetlink_each *each,
		  void *data);
/* The same with several messages, of one sequence. */
int nfnetlink_ask_all(struct mnl_socket *socket, const void *request, size_t size,
		      uint32_t sequence, nfnetlink_each *each, void *data);

/* What has come, one datagram: each message of that sequence; those of other ones are what is left of
 * earlier answers. True: that was the last. *failure is set to an errno where it tells of one. */
bool nfnetlink_take(const void *datagram, size_t size, uint32_t sequence, nfnetlink_each *each,
		    void *data, int *failure);

/* ---- attributes: those of an answer, or those in a nest; null: it has none. Greater types than fit
 * are passed over. ---- */

enum { NFNETLINK_ATTRIBUTES = 32 };
struct nfnetlink_attributes {
	const struct nlattr *of[NFNETLINK_ATTRIBUTES];
};
struct nfnetlink_attributes nfnetlink_attributes(const struct nlmsghdr *header);
struct nfnetlink_attributes nfnetlink_within(const struct nlattr *nest);

/* The bytes of one that has so many; zeros otherwise, and false. */
bool nfnetlink_get(void *bytes, size_t size, const struct nlattr *attribute);
uint32_t nfnetlink_number(const struct nlattr *attribute); /* in network order; 0 otherwise */
/* A string, cut to fit; empty where there is none. */
void nfnetlink_string(char *text, size_t size, const struct nlattr *attribute);

#endif
