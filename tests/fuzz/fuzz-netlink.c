/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a datagram that the kernel answers with, of sets, elements, or rules: whatever is
 * taken out of it is whole.
 */
#include <stdlib.h>
#include <string.h>

#include "firewall/ipsetdump.h"
#include "firewall/nftdump.h"
#include "nfnetlink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counted {
	size_t n;
	uint64_t sum; /* each byte is looked at */
};

static void count(const struct sets_element *element, void *context)
{
	struct counted *counted = context;

	counted->sum += element->until_ms + element->door.port + element->door.proto;
	for (size_t i = 0; i < sizeof(element->address.bytes); i++)
		counted->sum += element->address.bytes[i];
	counted->n++;
}

/* Takes it once for each who would. */
static void take(const void *datagram, size_t size, nfnetlink_each *each, void *data)
{
	struct nlmsghdr first;
	int failure = 0;

	memcpy(&first, datagram, sizeof(first));
	nfnetlink_take(datagram, size, first.nlmsg_seq, each, data, &failure);
	if (failure < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* As recvmsg gives it: aligned; and no longer than that, since libmnl counts in fours. */
	void *datagram = calloc(1, (size | 3) + 1);
	struct counted counted = {0, 0};

	if (datagram == NULL)
		return 0;
	memcpy(datagram, data, size);
	if (size >= sizeof(struct nlmsghdr)) {
		struct ipsetdump dump = {.each = count, .data = &counted};
		take(datagram, size, ipsetdump_take, &dump);
		if (memchr(dump.type, 0, sizeof(dump.type)) == NULL)
			abort();
		struct nftdump_elements found = {count, &counted};
		struct nftdump_use use = {.sets = {"postern4", "postern6"}};
		take(datagram, size, nftdump_take_elements, &found);
		take(datagram, size, nftdump_take_rule, &use);
	}
	if (counted.n > size || (counted.n == 0 && counted.sum != 0)) /* each takes some bytes */
		abort();
	free(datagram);
	return 0;
}
