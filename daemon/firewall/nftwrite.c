/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftwrite.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "batch.h"
#include "living.h"
#include "log.h"
#include "nfnetlink.h"

enum {
	LEAST_MS = 100, /* less may be no tick of the kernel's, and none means for ever */
	IN_MESSAGE = 1024,
	HEAD = 256,   /* more than a message has beside its elements */
	ELEMENT = 48, /* the most that one takes */
	SETS = 2
};
/* All that live; or all that a batch changes, three times. */
#define ELEMENTS (LIVING_MAX + 3 * 3 * BATCH_MAX)
#define MESSAGES (ELEMENTS / IN_MESSAGE + 2 + SETS * 4 + 1)
_Static_assert(IN_MESSAGE *ELEMENT < UINT16_MAX, "the elements of a message fit into its list");

static struct {
	struct nlmsghdr *last;
	uint32_t sequence;
	size_t size;
	_Alignas(struct nlmsghdr) char bytes[(ELEMENTS + IN_MESSAGE) * ELEMENT + MESSAGES * HEAD];
} transaction;

static struct nlmsghdr *message(unsigned subsystem, unsigned type, unsigned flags, uint8_t family)
{
	if (sizeof(transaction.bytes) - transaction.size < HEAD + IN_MESSAGE * ELEMENT)
		log_bug("a transaction with more than fits");
	return nfnetlink_put(transaction.bytes + transaction.size, subsystem, type, flags, family,
			     transaction.sequence);
}

static void end_message(struct nlmsghdr *header)
{
	transaction.size += header->nlmsg_len;
	transaction.last = header;
}

static void mark(unsigned type)
{
	struct nlmsghdr *header = message(NFNL_SUBSYS_NONE, type, 0, NFPROTO_UNSPEC);
	struct nfgenmsg *more = mnl_nlmsg_get_payload(header);

	more->res_id = htons(NFNL_SUBSYS_NFTABLES);
	end_message(header);
}

static struct nlmsghdr *begin_set(unsigned type, const struct nftdump_table *table, const char *set)
{
	struct nlmsghdr *header =
	    message(NFNL_SUBSYS_NFTABLES, type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0,
		    table->family);

	mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_TABLE, table->name);
	mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_SET, set);
	return header;
}

void nftwrite_begin(void)
{
	transaction.sequence = nfnetlink_sequence();
	transaction.size = 0;
	mark(NFNL_MSG_BATCH_BEGIN);
}

void nftwrite_flush(const struct nftdump_table *table, const char *set)
{
	end_message(begin_set(NFT_MSG_DELSETELEM, table, set));
}

static void put_key(struct nlmsghdr *header, bool v4, const struct sets_element *element)
{
	uint8_t bytes[NFTWRITE_KEY(false)] = {0};
	size_t size = v4 ? 4 : sizeof(element->address.bytes);
	struct nlattr *nest = mnl_attr_nest_start(header, NFTA_SET_ELEM_KEY);

	memcpy(bytes, element->address.bytes + sizeof(element->address.bytes) - size, size);
	bytes[size] = element->door.proto;
	bytes[size + 4] = (uint8_t)(element->door.port >> 8);
	bytes[size + 5] = (uint8_t)element->door.port;
	mnl_attr_put(header, NFTA_DATA_VALUE, size + 8, bytes);
	mnl_attr_nest_end(header, nest);
}

/* left_ms: 0 for an element without its end. */
static void put_element(struct nlmsghdr *header, bool v4, const struct sets_element *element,
			uint64_t left_ms)
{
	struct nlattr *nest = mnl_attr_nest_start(header, NFTA_LIST_ELEM);

	if (left_ms > 0)
		mnl_attr_put_u64(header, NFTA_SET_ELEM_TIMEOUT, htobe64(left_ms));
	put_key(header, v4, element);
	mnl_attr_nest_end(header, nest);
}

/* All of them, by their names; or, with now_ms, those that end later, with their ends. */
static void put_list(unsigned type, const struct nftdump_table *table, const char *set, bool v4,
		     const struct sets_element *list, size_t n, uint64_t now_ms)
{
	for (size_t i = 0; i < n;) {
		struct nlmsghdr *header = begin_set(type, table, set);
		struct nlattr *nest = mnl_attr_nest_start(header, NFTA_SET_ELEM_LIST_ELEMENTS);
		unsigned count = 0;
		for (; i < n && count < IN_MESSAGE; i++) {
			if (now_ms != 0 && list[i].until_ms < now_ms + LEAST_MS)
				continue;
			put_element(header, v4, &list[i],
				    now_ms == 0 ? 0 : list[i].until_ms - now_ms);
			count++;
		}
		mnl_attr_nest_end(header, nest);
		if (count > 0)
			end_message(header);
	}
}

void nftwrite_remove(const struct nftdump_table *table, const char *set, bool v4,
		     const struct sets_element *list, size_t n)
{
	put_list(NFT_MSG_NEWSETELEM, table, set, v4, list, n, 0);
	put_list(NFT_MSG_DELSETELEM, table, set, v4, list, n, 0);
}

void nftwrite_put(const struct nftdump_table *table, const char *set, bool v4,
		  const struct sets_element *list, size_t n, uint64_t now_ms)
{
	put_list(NFT_MSG_NEWSETELEM, table, set, v4, list, n, now_ms);
}

int nftwrite_commit(struct mnl_socket *socket)
{
	/* The kernel answers to the last of them, when all is done; or to the first that is wrong. */
	transaction.last->nlmsg_flags |= NLM_F_ACK;
	mark(NFNL_MSG_BATCH_END);
	return nfnetlink_ask_all(socket, transaction.bytes, transaction.size, transaction.sequence,
				 NULL, NULL);
}
