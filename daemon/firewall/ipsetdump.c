/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipsetdump.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "nfnetlink.h"

/* Attributes by type; those of another size than theirs are none. */
struct attributes {
	const struct nlattr *of[IPSET_ATTR_CREATE_MAX + 1];
};

static int keep(const struct nlattr *attribute, void *data)
{
	struct attributes *attributes = data;

	if (mnl_attr_get_type(attribute) <= IPSET_ATTR_CREATE_MAX)
		attributes->of[mnl_attr_get_type(attribute)] = attribute;
	return MNL_CB_OK;
}

static struct attributes within(const struct nlattr *nest)
{
	struct attributes attributes = {{NULL}};

	if (nest != NULL)
		mnl_attr_parse_nested(nest, keep, &attributes);
	return attributes;
}

/* The bytes of an attribute that has so many; zeros otherwise, and false. */
static bool get(void *bytes, size_t size, const struct nlattr *attribute)
{
	memset(bytes, 0, size);
	if (attribute == NULL || mnl_attr_get_payload_len(attribute) != size)
		return false;
	memcpy(bytes, mnl_attr_get_payload(attribute), size);
	return true;
}

static uint32_t get_number(const struct nlattr *attribute)
{
	uint32_t number;

	get(&number, sizeof(number), attribute);
	return ntohl(number);
}

static struct address get_address(const struct nlattr *nest)
{
	struct attributes either = within(nest);
	struct address address;
	uint8_t four[4];

	if (get(four, sizeof(four), either.of[IPSET_ATTR_IPADDR_IPV4]))
		address_from_v4(&address, four);
	else
		get(address.bytes, sizeof(address.bytes), either.of[IPSET_ATTR_IPADDR_IPV6]);
	return address;
}

static int take_element(const struct nlattr *nest, void *data)
{
	const struct ipsetdump *dump = data;
	struct attributes attributes = within(nest);
	struct sets_element element = {
	    .until_ms = (uint64_t)get_number(attributes.of[IPSET_ATTR_TIMEOUT]) * 1000,
	    .address = get_address(attributes.of[IPSET_ATTR_IP]),
	};
	uint16_t port;

	get(&port, sizeof(port), attributes.of[IPSET_ATTR_PORT]);
	element.door.port = ntohs(port);
	get(&element.door.proto, sizeof(element.door.proto), attributes.of[IPSET_ATTR_PROTO]);
	dump->each(&element, dump->data);
	return MNL_CB_OK;
}

static void take_head(struct ipsetdump *dump, const struct attributes *attributes)
{
	struct attributes data = within(attributes->of[IPSET_ATTR_DATA]);
	const struct nlattr *type = attributes->of[IPSET_ATTR_TYPENAME];

	snprintf(dump->type, sizeof(dump->type), "%.*s", (int)mnl_attr_get_payload_len(type),
		 (const char *)mnl_attr_get_payload(type));
	get(&dump->family, sizeof(dump->family), attributes->of[IPSET_ATTR_FAMILY]);
	dump->timeouts = data.of[IPSET_ATTR_TIMEOUT] != NULL;
	dump->references = get_number(data.of[IPSET_ATTR_REFERENCES]);
}

void ipsetdump_take(const struct nlmsghdr *header, void *data)
{
	struct ipsetdump *dump = data;
	struct attributes attributes = {{NULL}};

	mnl_attr_parse(header, sizeof(struct nfgenmsg), keep, &attributes);
	if (attributes.of[IPSET_ATTR_TYPENAME] != NULL)
		take_head(dump, &attributes);
	if (attributes.of[IPSET_ATTR_ADT] != NULL && dump->each != NULL)
		mnl_attr_parse_nested(attributes.of[IPSET_ATTR_ADT], take_element, dump);
}

int ipsetdump_read(struct ipsetdump *dump, struct mnl_socket *socket, const char *name)
{
	struct nfnetlink_request request;
	struct nlmsghdr *header = nfnetlink_begin(&request, NFNL_SUBSYS_IPSET, IPSET_CMD_LIST,
						  NLM_F_DUMP, NFPROTO_UNSPEC);

	mnl_attr_put_u8(header, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_MIN);
	mnl_attr_put_strz(header, IPSET_ATTR_SETNAME, name);
	if (dump->each == NULL)
		mnl_attr_put_u32(header, IPSET_ATTR_FLAGS, htonl(IPSET_FLAG_LIST_HEADER));
	return nfnetlink_ask(socket, header, ipsetdump_take, dump);
}
