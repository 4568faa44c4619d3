/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipsetdump.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>

#include "nfnetlink.h"

_Static_assert(IPSET_ATTR_CREATE_MAX < NFNETLINK_ATTRIBUTES, "all attributes fit");

static struct address get_address(const struct nlattr *nest)
{
	struct nfnetlink_attributes either = nfnetlink_within(nest);
	struct address address;
	uint8_t four[4];

	if (nfnetlink_get(four, sizeof(four), either.of[IPSET_ATTR_IPADDR_IPV4]))
		address_from_v4(&address, four);
	else
		nfnetlink_get(address.bytes, sizeof(address.bytes),
			      either.of[IPSET_ATTR_IPADDR_IPV6]);
	return address;
}

static int take_element(const struct nlattr *nest, void *data)
{
	const struct ipsetdump *dump = data;
	struct nfnetlink_attributes attributes = nfnetlink_within(nest);
	struct sets_element element = {
	    .until_ms = (uint64_t)nfnetlink_number(attributes.of[IPSET_ATTR_TIMEOUT]) * 1000,
	    .address = get_address(attributes.of[IPSET_ATTR_IP]),
	};
	uint16_t port;

	nfnetlink_get(&port, sizeof(port), attributes.of[IPSET_ATTR_PORT]);
	element.door.port = ntohs(port);
	nfnetlink_get(&element.door.proto, sizeof(element.door.proto),
		      attributes.of[IPSET_ATTR_PROTO]);
	dump->each(&element, dump->data);
	return MNL_CB_OK;
}

static void take_head(struct ipsetdump *dump, const struct nfnetlink_attributes *attributes)
{
	struct nfnetlink_attributes data = nfnetlink_within(attributes->of[IPSET_ATTR_DATA]);

	nfnetlink_string(dump->type, sizeof(dump->type), attributes->of[IPSET_ATTR_TYPENAME]);
	nfnetlink_get(&dump->family, sizeof(dump->family), attributes->of[IPSET_ATTR_FAMILY]);
	dump->timeouts = data.of[IPSET_ATTR_TIMEOUT] != NULL;
	dump->references = nfnetlink_number(data.of[IPSET_ATTR_REFERENCES]);
}

void ipsetdump_take(const struct nlmsghdr *header, void *data)
{
	struct ipsetdump *dump = data;
	struct nfnetlink_attributes attributes = nfnetlink_attributes(header);

	if (attributes.of[IPSET_ATTR_TYPENAME] != NULL)
		take_head(dump, &attributes);
	if (attributes.of[IPSET_ATTR_ADT] != NULL && dump->each != NULL)
		mnl_attr_parse_nested(attributes.of[IPSET_ATTR_ADT], take_element, dump);
}

int ipsetdump_read(struct ipsetdump *dump, struct mnl_socket *socket, const char *name)
{
	struct nfnetlink_request request;
	bool whole = dump->each != NULL;
	struct nlmsghdr *header =
	    nfnetlink_begin(&request, NFNL_SUBSYS_IPSET, whole ? IPSET_CMD_LIST : IPSET_CMD_HEADER,
			    whole ? NLM_F_DUMP : NLM_F_ACK, NFPROTO_UNSPEC);

	mnl_attr_put_u8(header, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_MIN);
	mnl_attr_put_strz(header, IPSET_ATTR_SETNAME, name);
	return nfnetlink_ask(socket, header, ipsetdump_take, dump);
}
