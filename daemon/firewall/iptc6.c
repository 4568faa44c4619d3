/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptc6.h"

#include <libiptc/libip6tc.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(sizeof(struct ip6t_entry) <= IPTCRULE_HEAD, "the header fits");

static void write(struct iptcrule_entry *entry, const struct iptcrule *iptcrule)
{
	struct ip6t_entry *head = (void *)entry->bytes;

	memset(entry, 0, sizeof(*entry));
	memcpy(&head->ipv6.src, iptcrule->rule->address.bytes, sizeof(head->ipv6.src));
	memset(&head->ipv6.smsk, 0xff, sizeof(head->ipv6.smsk));
	head->ipv6.proto = iptcrule->rule->door.proto;
	head->ipv6.flags = IP6T_F_PROTO;
	entry->size = sizeof(*head);
	head->target_offset = iptcrule_add(entry, iptcrule);
	head->next_offset = (uint16_t)entry->size;
}

static int append(const char *chain, const struct iptcrule_entry *entry, struct xtc_handle *handle)
{
	return ip6tc_append_entry(chain, (const void *)entry->bytes, handle);
}

static const void *first(const char *chain, struct xtc_handle *handle)
{
	return ip6tc_first_rule(chain, handle);
}

static const void *next(const void *entry, struct xtc_handle *handle)
{
	return ip6tc_next_rule(entry, handle);
}

static bool same(const struct iptcrule_entry *ours, const void *theirs, struct xtc_handle *handle)
{
	const struct ip6t_entry *a = (const void *)ours->bytes, *b = theirs;

	/* The header ends in padding. */
	return memcmp(&a->ipv6, &b->ipv6,
		      offsetof(struct ip6t_ip6, invflags) + sizeof(a->ipv6.invflags)) == 0 &&
	       a->target_offset == b->target_offset && a->next_offset == b->next_offset &&
	       iptcrule_matches_same(a, b, sizeof(*a), a->target_offset) &&
	       iptcrule_verdict_same(a, b, a->target_offset, ip6tc_get_target(b, handle));
}

const struct iptcrule_family iptc6_family = {
    .command = "ip6tables",
    .module = "ip6_tables",
    .v4 = false,
    .domain = AF_INET6,
    .level = IPPROTO_IPV6,
    .revision_match = IP6T_SO_GET_REVISION_MATCH,
    .revision_target = IP6T_SO_GET_REVISION_TARGET,
    .ops = &ip6tc_ops,
    .references = ip6tc_get_references,
    .write = write,
    .append = append,
    .first = first,
    .next = next,
    .same = same,
};
