/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptc4.h"

#include <libiptc/libiptc.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(sizeof(struct ipt_entry) <= IPTCRULE_HEAD, "the header fits");

static void write(struct iptcrule_entry *entry, const struct iptcrule *iptcrule)
{
	struct ipt_entry *head = (void *)entry->bytes;

	memset(entry, 0, sizeof(*entry));
	memcpy(&head->ip.src, iptcrule->rule->address.bytes + 12, sizeof(head->ip.src));
	memset(&head->ip.smsk, 0xff, sizeof(head->ip.smsk));
	head->ip.proto = iptcrule->rule->door.proto;
	entry->size = sizeof(*head);
	head->target_offset = iptcrule_add(entry, iptcrule);
	head->next_offset = (uint16_t)entry->size;
}

static int append(const char *chain, const struct iptcrule_entry *entry, struct xtc_handle *handle)
{
	return iptc_append_entry(chain, (const void *)entry->bytes, handle);
}

static const void *first(const char *chain, struct xtc_handle *handle)
{
	return iptc_first_rule(chain, handle);
}

static const void *next(const void *entry, struct xtc_handle *handle)
{
	return iptc_next_rule(entry, handle);
}

static bool same(const struct iptcrule_entry *ours, const void *theirs, struct xtc_handle *handle)
{
	const struct ipt_entry *a = (const void *)ours->bytes, *b = theirs;

	return memcmp(&a->ip, &b->ip, sizeof(a->ip)) == 0 && a->target_offset == b->target_offset &&
	       a->next_offset == b->next_offset &&
	       iptcrule_matches_same(a, b, sizeof(*a), a->target_offset) &&
	       iptcrule_verdict_same(a, b, a->target_offset, iptc_get_target(b, handle));
}

const struct iptcrule_family iptc4_family = {
    .command = "iptables",
    .module = "ip_tables",
    .v4 = true,
    .domain = AF_INET,
    .level = IPPROTO_IP,
    .revision_match = IPT_SO_GET_REVISION_MATCH,
    .revision_target = IPT_SO_GET_REVISION_TARGET,
    .ops = &iptc_ops,
    .references = iptc_get_references,
    .write = write,
    .append = append,
    .first = first,
    .next = next,
    .same = same,
};
