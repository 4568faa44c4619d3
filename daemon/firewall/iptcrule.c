/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptcrule.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_sctp.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter/xt_time.h>
#include <stdio.h>
#include <string.h>

enum { CONNTRACK_REVISION = 3, MARK_REVISION = 2 };

/* The largest: sctp, whose list of chunks has four times the size that it needs. */
#define MATCH_SIZE(info) XT_ALIGN(sizeof(struct xt_entry_match) + sizeof(info))
_Static_assert(IPTCRULE_HEAD + MATCH_SIZE(struct xt_sctp_info) +
		       MATCH_SIZE(struct xt_conntrack_mtinfo3) + MATCH_SIZE(struct xt_time_info) +
		       MATCH_SIZE(struct xt_comment_info) + MATCH_SIZE(struct xt_mark_tginfo2) <=
		   IPTCRULE_SIZE,
	       "an entry fits");

const struct iptcrule_part iptcrule_parts[] = {
    {"tcp", "xt_tcpudp", 0, false, DOOR_TCP},
    {"udp", "xt_tcpudp", 0, false, DOOR_UDP},
    {"sctp", "xt_sctp", 0, false, DOOR_SCTP},
    {"conntrack", "xt_conntrack", CONNTRACK_REVISION, false, 0},
    {"time", "xt_time", 0, false, 0},
    {"comment", "xt_comment", 0, false, 0},
    {"MARK", "xt_mark", MARK_REVISION, true, 0},
};
const size_t iptcrule_n_parts = sizeof(iptcrule_parts) / sizeof(*iptcrule_parts);

static void *add_match(struct iptcrule_entry *entry, const char *name, uint8_t revision,
		       size_t size)
{
	struct xt_entry_match *match = (void *)(entry->bytes + entry->size);

	match->u.user.match_size = (uint16_t)XT_ALIGN(sizeof(*match) + size);
	snprintf(match->u.user.name, sizeof(match->u.user.name), "%s", name);
	match->u.user.revision = revision;
	entry->size += match->u.user.match_size;
	return match->data;
}

static void *add_target(struct iptcrule_entry *entry, const char *name, uint8_t revision,
			size_t size)
{
	struct xt_entry_target *target = (void *)(entry->bytes + entry->size);

	target->u.user.target_size = (uint16_t)XT_ALIGN(sizeof(*target) + size);
	snprintf(target->u.user.name, sizeof(target->u.user.name), "%s", name);
	target->u.user.revision = revision;
	entry->size += target->u.user.target_size;
	return target->data;
}

static void add_tcp(struct iptcrule_entry *entry, uint16_t port)
{
	struct xt_tcp *tcp = add_match(entry, "tcp", 0, sizeof(*tcp));

	tcp->spts[1] = UINT16_MAX;
	tcp->dpts[0] = tcp->dpts[1] = port;
}

static void add_udp(struct iptcrule_entry *entry, uint16_t port)
{
	struct xt_udp *udp = add_match(entry, "udp", 0, sizeof(*udp));

	udp->spts[1] = UINT16_MAX;
	udp->dpts[0] = udp->dpts[1] = port;
}

static void add_sctp(struct iptcrule_entry *entry, uint16_t port)
{
	struct xt_sctp_info *sctp = add_match(entry, "sctp", 0, sizeof(*sctp));

	sctp->dpts[0] = sctp->dpts[1] = port;
	sctp->flags = XT_SCTP_DEST_PORTS;
}

static void add_port(struct iptcrule_entry *entry, const struct door *door)
{
	switch (door->proto) {
	case DOOR_TCP:
		add_tcp(entry, door->port);
		break;
	case DOOR_UDP:
		add_udp(entry, door->port);
		break;
	default: /* the check of orders knows no fourth */
		add_sctp(entry, door->port);
		break;
	}
}

static void add_new_only(struct iptcrule_entry *entry)
{
	struct xt_conntrack_mtinfo3 *conntrack =
	    add_match(entry, "conntrack", CONNTRACK_REVISION, sizeof(*conntrack));

	conntrack->match_flags = XT_CONNTRACK_STATE;
	conntrack->state_mask = XT_CONNTRACK_STATE_BIT(IP_CT_NEW);
}

static void add_time(struct iptcrule_entry *entry, uint32_t start, uint32_t stop)
{
	struct xt_time_info *time = add_match(entry, "time", 0, sizeof(*time));

	time->date_start = start;
	time->date_stop = stop;
	time->daytime_stop = XT_TIME_MAX_DAYTIME;
	time->monthdays_match = XT_TIME_ALL_MONTHDAYS;
	time->weekdays_match = XT_TIME_ALL_WEEKDAYS;
}

static void add_comment(struct iptcrule_entry *entry, const struct rule *rule)
{
	struct xt_comment_info *comment = add_match(entry, "comment", 0, sizeof(*comment));

	snprintf(comment->comment, IPTCRULE_COMMENT, "postern grant=%" PRIu64 " key=%.*s",
		 rule->grant, (int)sizeof(rule->key), rule->key);
}

static void add_verdict(struct iptcrule_entry *entry, uint32_t mark)
{
	struct xt_mark_tginfo2 *info;

	if (mark == 0) {
		add_target(entry, "ACCEPT", 0,
			   sizeof(struct xt_standard_target) - sizeof(struct xt_entry_target));
		return;
	}
	info = add_target(entry, "MARK", MARK_REVISION, sizeof(*info));
	info->mark = info->mask = mark;
}

uint16_t iptcrule_add(struct iptcrule_entry *entry, const struct iptcrule *iptcrule)
{
	uint16_t offset;

	add_port(entry, &iptcrule->rule->door);
	add_new_only(entry);
	add_time(entry, iptcrule->start, iptcrule->stop);
	add_comment(entry, iptcrule->rule);
	offset = (uint16_t)entry->size;
	add_verdict(entry, iptcrule->mark);
	return offset;
}

static bool match_same(const struct xt_entry_match *a, const struct xt_entry_match *b)
{
	return strncmp(a->u.user.name, b->u.user.name, sizeof(a->u.user.name)) == 0 &&
	       a->u.user.revision == b->u.user.revision &&
	       memcmp(a->data, b->data, a->u.user.match_size - sizeof(*a)) == 0;
}

bool iptcrule_matches_same(const void *a, const void *b, size_t from, size_t end)
{
	/* Sizes are ours, and hold for the other as far as they are the same. */
	for (size_t at = from; at < end;) {
		const struct xt_entry_match *ours = (const void *)((const char *)a + at);
		const struct xt_entry_match *theirs = (const void *)((const char *)b + at);

		if (ours->u.user.match_size != theirs->u.user.match_size ||
		    !match_same(ours, theirs))
			return false;
		at += ours->u.user.match_size;
	}
	return true;
}

bool iptcrule_verdict_same(const void *ours, const void *theirs, size_t offset, const char *name)
{
	const struct xt_entry_target *a = (const void *)((const char *)ours + offset);
	const struct xt_entry_target *b = (const void *)((const char *)theirs + offset);

	if (name == NULL || strcmp(a->u.user.name, name) != 0 ||
	    a->u.user.target_size != b->u.user.target_size)
		return false;
	/* A standard verdict is its name. */
	return strcmp(name, "MARK") != 0 ||
	       (a->u.user.revision == b->u.user.revision &&
		memcmp(a->data, b->data, a->u.user.target_size - sizeof(*a)) == 0);
}
