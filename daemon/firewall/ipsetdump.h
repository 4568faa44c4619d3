/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells of a set of ipset's: its kind, who uses it, its elements. Read by libmnl, as
 * libipset can only print what it reads, and looks up protocols in /etc for that.
 */
#ifndef IPSETDUMP_H
#define IPSETDUMP_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

#include "sets.h"

enum { IPSETDUMP_TYPE = 32 };

struct ipsetdump {
	char type[IPSETDUMP_TYPE]; /* "hash:ip,port" */
	uint8_t family;            /* NFPROTO_IPV4, NFPROTO_IPV6 */
	bool timeouts;             /* this and what follows: of a set that is read whole alone */
	uint32_t references;       /* rules, and sets of sets, that use it */
	/* Is given each element; until_ms is what is left of its time, 0 for one without an end. What
	 * is no address and port has none of both. Null: the set is not read whole, for which the
	 * kernel would count all that is in it. */
	void (*each)(const struct sets_element *element, void *data);
	void *data;
};

/* 0, or -1 with errno: ENOENT where there is no such set. */
int ipsetdump_read(struct ipsetdump *dump, struct mnl_socket *socket, const char *name);

/* One message of the answer. */
void ipsetdump_take(const struct nlmsghdr *header, void *dump);

#endif
