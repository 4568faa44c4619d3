/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells of a table of nftables': its sets, their elements, which of them its rules
 * ask. By libmnl: libnftables could only print it, and looks up names in /etc for that.
 */
#ifndef NFTDUMP_H
#define NFTDUMP_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "sets.h"

/* All: 0, or -1 with errno, which is ENOENT where the table, or the set, is not there. */

/* Counts the changes of all that is in nftables. */
int nftdump_generation(uint32_t *generation, struct mnl_socket *socket);

struct nftdump_table {
	uint8_t family;          /* NFPROTO_... */
	char text[CONFIG_TABLE]; /* "inet filter" */
	const char *name;        /* "filter", within it */
};
/* False: there is no such family. */
bool nftdump_name(struct nftdump_table *table, const char *text);
int nftdump_table(struct mnl_socket *socket, const struct nftdump_table *table);

/* Is it a set of address, protocol and port, with timeouts? */
int nftdump_set(bool *fit, struct mnl_socket *socket, const struct nftdump_table *table,
		const char *set, bool v4);

struct nftdump_elements {
	/* Is given each; until_ms is what is left of its time, 0 for one without an end. */
	void (*each)(const struct sets_element *element, void *data);
	void *data;
};
int nftdump_elements(struct nftdump_elements *elements, struct mnl_socket *socket,
		     const struct nftdump_table *table, const char *set);

/* Is it asked by a rule of its table? */
struct nftdump_use {
	const char *sets[2];
	bool used[2];
};
int nftdump_use(struct nftdump_use *use, struct mnl_socket *socket,
		const struct nftdump_table *table);

/* One message of an answer to the last two. */
void nftdump_take_elements(const struct nlmsghdr *header, void *elements);
void nftdump_take_rule(const struct nlmsghdr *header, void *use);

#endif
