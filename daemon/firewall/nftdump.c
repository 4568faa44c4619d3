/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftdump.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

#include "nfnetlink.h"
#include "nftwrite.h"

enum { TRIES = 10 };

/* nft's numbers for its types of data, of which the kernel keeps for it those of the key: six bits
 * each. */
#define CONCAT(a, b, c) ((uint32_t)(a) << 12 | (uint32_t)(b) << 6 | (uint32_t)(c))
enum { IPV4_ADDR = 7, IPV6_ADDR = 8, INET_PROTO = 12, INET_SERVICE = 13 };

static struct nlmsghdr *ask_for(struct nfnetlink_request *request, unsigned type, unsigned flags,
				uint8_t family)
{
	return nfnetlink_begin(request, NFNL_SUBSYS_NFTABLES, type, flags, family);
}

/* Where something was changed meanwhile, it is asked for again. */
static int dump(struct mnl_socket *socket, struct nlmsghdr *request, nfnetlink_each *each,
		void *data)
{
	for (int i = 0; i < TRIES; i++)
		if (nfnetlink_ask(socket, request, each, data) == 0)
			return 0;
		else if (errno != EINTR)
			return -1;
	errno = EINTR;
	return -1;
}

/* ---- generation, table, set ---- */

static void take_generation(const struct nlmsghdr *header, void *data)
{
	uint32_t *generation = data;

	*generation = nfnetlink_number(nfnetlink_attributes(header).of[NFTA_GEN_ID]);
}

int nftdump_generation(uint32_t *generation, struct mnl_socket *socket)
{
	struct nfnetlink_request request;

	return nfnetlink_ask(socket, ask_for(&request, NFT_MSG_GETGEN, NLM_F_ACK, NFPROTO_UNSPEC),
			     take_generation, generation);
}

bool nftdump_name(struct nftdump_table *table, const char *text)
{
	static const struct {
		const char *name;
		uint8_t family;
	} families[] = {{"inet ", NFPROTO_INET}, {"ip ", NFPROTO_IPV4}, {"ip6 ", NFPROTO_IPV6}};

	snprintf(table->text, sizeof(table->text), "%s", text);
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		if (strncmp(text, families[i].name, strlen(families[i].name)) != 0)
			continue;
		table->family = families[i].family;
		table->name = table->text + strlen(families[i].name);
		return true;
	}
	return false;
}

int nftdump_table(struct mnl_socket *socket, const struct nftdump_table *table)
{
	struct nfnetlink_request request;
	struct nlmsghdr *header = ask_for(&request, NFT_MSG_GETTABLE, NLM_F_ACK, table->family);

	mnl_attr_put_strz(header, NFTA_TABLE_NAME, table->name);
	return nfnetlink_ask(socket, header, NULL, NULL);
}

struct set {
	uint32_t flags, type, length;
};

static void take_set(const struct nlmsghdr *header, void *data)
{
	struct nfnetlink_attributes attributes = nfnetlink_attributes(header);
	struct set *set = data;

	set->flags = nfnetlink_number(attributes.of[NFTA_SET_FLAGS]);
	set->type = nfnetlink_number(attributes.of[NFTA_SET_KEY_TYPE]);
	set->length = nfnetlink_number(attributes.of[NFTA_SET_KEY_LEN]);
}

int nftdump_set(bool *fit, struct mnl_socket *socket, const struct nftdump_table *table,
		const char *set, bool v4)
{
	struct nfnetlink_request request;
	struct nlmsghdr *header = ask_for(&request, NFT_MSG_GETSET, NLM_F_ACK, table->family);
	uint32_t type = CONCAT(v4 ? IPV4_ADDR : IPV6_ADDR, INET_PROTO, INET_SERVICE);
	struct set found = {0};

	mnl_attr_put_strz(header, NFTA_SET_TABLE, table->name);
	mnl_attr_put_strz(header, NFTA_SET_NAME, set);
	if (nfnetlink_ask(socket, header, take_set, &found) == -1)
		return -1;
	*fit = found.type == type && found.length == NFTWRITE_KEY(v4) &&
	       (found.flags & NFT_SET_TIMEOUT) != 0 &&
	       (found.flags & (NFT_SET_CONSTANT | NFT_SET_INTERVAL | NFT_SET_MAP)) == 0;
	return 0;
}

/* ---- elements ---- */

static void take_key(struct sets_element *element, const struct nlattr *key)
{
	const struct nlattr *value = nfnetlink_within(key).of[NFTA_DATA_VALUE];
	uint8_t bytes[NFTWRITE_KEY(false)] = {0};
	size_t size = sizeof(element->address);

	if (nfnetlink_get(bytes, NFTWRITE_KEY(true), value)) {
		size = 4;
		address_from_v4(&element->address, bytes);
	} else if (nfnetlink_get(bytes, NFTWRITE_KEY(false), value)) {
		memcpy(&element->address, bytes, size);
	}
	/* Each part is padded to four bytes. */
	element->door.proto = bytes[size];
	element->door.port = (uint16_t)(bytes[size + 4] << 8 | bytes[size + 5]);
}

static int take_element(const struct nlattr *nest, void *data)
{
	const struct nftdump_elements *elements = data;
	struct nfnetlink_attributes attributes = nfnetlink_within(nest);
	struct sets_element element = {0};
	uint64_t left_ms;

	take_key(&element, attributes.of[NFTA_SET_ELEM_KEY]);
	nfnetlink_get(&left_ms, sizeof(left_ms), attributes.of[NFTA_SET_ELEM_EXPIRATION]);
	element.until_ms = be64toh(left_ms);
	elements->each(&element, elements->data);
	return MNL_CB_OK;
}

void nftdump_take_elements(const struct nlmsghdr *header, void *elements)
{
	const struct nlattr *list = nfnetlink_attributes(header).of[NFTA_SET_ELEM_LIST_ELEMENTS];

	if (list != NULL)
		mnl_attr_parse_nested(list, take_element, elements);
}

int nftdump_elements(struct nftdump_elements *elements, struct mnl_socket *socket,
		     const struct nftdump_table *table, const char *set)
{
	struct nfnetlink_request request;
	struct nlmsghdr *header = ask_for(&request, NFT_MSG_GETSETELEM, NLM_F_DUMP, table->family);

	mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_TABLE, table->name);
	mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_SET, set);
	return dump(socket, header, nftdump_take_elements, elements);
}

/* ---- rules ---- */

static int take_expression(const struct nlattr *nest, void *data)
{
	struct nfnetlink_attributes expression = nfnetlink_within(nest), lookup;
	struct nftdump_use *use = data;
	char text[64];

	nfnetlink_string(text, sizeof(text), expression.of[NFTA_EXPR_NAME]);
	if (strcmp(text, "lookup") != 0)
		return MNL_CB_OK;
	lookup = nfnetlink_within(expression.of[NFTA_EXPR_DATA]);
	nfnetlink_string(text, sizeof(text), lookup.of[NFTA_LOOKUP_SET]);
	for (size_t i = 0; i < 2; i++)
		if (strcmp(text, use->sets[i]) == 0)
			use->used[i] = true;
	return MNL_CB_OK;
}

void nftdump_take_rule(const struct nlmsghdr *header, void *use)
{
	const struct nlattr *list = nfnetlink_attributes(header).of[NFTA_RULE_EXPRESSIONS];

	if (list != NULL)
		mnl_attr_parse_nested(list, take_expression, use);
}

int nftdump_use(struct nftdump_use *use, struct mnl_socket *socket,
		const struct nftdump_table *table)
{
	struct nfnetlink_request request;
	struct nlmsghdr *header = ask_for(&request, NFT_MSG_GETRULE, NLM_F_DUMP, table->family);

	mnl_attr_put_strz(header, NFTA_RULE_TABLE, table->name);
	use->used[0] = use->used[1] = false;
	return dump(socket, header, nftdump_take_rule, use);
}
