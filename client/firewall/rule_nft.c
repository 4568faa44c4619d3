/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rule_nft.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"

/* "0x00000001", "mark | 0x00010000", "meta mark & 0x000000fc | 0x00000003"; of "ct mark" and of a map it is not known
 * what they give. */
static void read_mark_set(struct reading *reading)
{
	char word[RULE_WORD] = "", *end;
	uint32_t keep = UINT32_MAX, flip = 0;
	fields_next(reading, word);
	bool ct = strcmp(word, "ct") == 0;
	if (ct || strcmp(word, "meta") == 0)
		fields_next(reading, word);
	uint32_t number = (uint32_t)strtoul(word, &end, 0);
	if (end != word && *end == '\0')
		rule_marks(reading->sense, 0, number);
	if (ct || strcmp(word, "mark") != 0)
		return;
	for (bool more = true; more;) {
		char op = fields_take(reading, "&") ? '&' : fields_take(reading, "|") ? '|' : '^';
		more = op != '^' || fields_take(reading, "^");
		if (!more || !fields_next(reading, word))
			break;
		number = (uint32_t)strtoul(word, NULL, 0);
		keep &= op == '&' ? number : op == '|' ? ~number : UINT32_MAX;
		flip = op == '&' ? flip & number : op == '|' ? flip | number : flip ^ number;
	}
	rule_marks(reading->sense, keep, flip);
}

/* "mark & 0x00010000 == 0x00010000", "mark 0x1" */
static void read_mark(struct reading *reading)
{
	char word[RULE_WORD] = "";
	uint32_t mask = UINT32_MAX, mark = reading->packet->mark;
	if (fields_take(reading, "set")) { /* a statement */
		read_mark_set(reading);
		return;
	}
	if (fields_take(reading, "&") && fields_next(reading, word))
		mask = (uint32_t)strtoul(word, NULL, 0);
	bool negated = fields_take(reading, "!=");
	fields_take(reading, "==");
	fields_next(reading, word);
	bool is = (mark & mask) == (uint32_t)strtoul(word, NULL, 0);
	rule_and(reading->sense, rule_not(rule_known(is), negated));
}

/* "syn", "== syn", "syn / fin,syn,rst,ack", "& (fin | syn | rst | ack) == syn": the first of a connection */
static void read_flags(struct reading *reading)
{
	char word[RULE_WORD] = "";
	bool masked = fields_take(reading, "&");
	if (masked && fields_next(reading, word) && word[0] == '(')
		while (strchr(word, ')') == NULL && fields_next(reading, word))
			continue;
	bool negated = fields_take(reading, "!=");
	fields_take(reading, "==");
	fields_next(reading, word);
	bool first = !reading->packet->established, syn = strcmp(word, "syn") == 0;
	bool none = strcmp(word, "0x0") == 0; /* of these */
	if (fields_take(reading, "/"))
		fields_next(reading, word);
	rule_and(reading->sense,
		 syn || none ? rule_not(rule_known(first == syn), negated) : RULE_PARTLY);
}

/* "log prefix \"x\" group 5 queue-threshold 1": until what is no more of it */
static void read_log(struct reading *reading)
{
	static const char *const parts[] = {"prefix", "level", "snaplen", "queue-threshold",
					    "flags"};
	char word[RULE_WORD];
	reading->sense->logs = true;
	for (bool more = true; more;) {
		more = fields_take(reading, "group");
		if (more && fields_next(reading, word))
			reading->sense->group = atoi(word);
		for (size_t i = 0; !more && i < sizeof parts / sizeof *parts; i++)
			if (fields_take(reading, parts[i]))
				more = fields_next(reading, word);
	}
}

/* "rate 500/second burst 500 packets"; of "rate 10 kbytes/second burst 5 kbytes" and "name x" it is not said how
 * many packets they take. */
static void read_limit(struct reading *reading)
{
	char word[RULE_WORD];
	rule_and(reading->sense, RULE_PARTLY);
	if (fields_take(reading, "name")) {
		fields_next(reading, word);
		return;
	}
	fields_take(reading, "rate");
	bool over = fields_take(reading, "over");
	fields_next(reading, word);
	bool packets = strchr(word, '/') != NULL;
	if (!packets)
		fields_next(reading, word);
	uint32_t burst = RULE_BURST;
	if (fields_take(reading, "burst")) {
		fields_next(reading, word);
		burst = (uint32_t)strtoul(word, NULL, 10);
		fields_next(reading, word);
	}
	if (packets && !over)
		reading->sense->burst = burst;
}

/* "meter x size 65535 { ip saddr limit rate 3/minute }", "add @x { ip saddr }": a rate for each, or none. */
static void read_dynamic(struct reading *reading)
{
	char word[RULE_WORD];
	while (fields_next(reading, word) && strcmp(word, "}") != 0) {
		if (strcmp(word, "limit") == 0)
			read_limit(reading);
		else if (strcmp(word, "ct") == 0) /* "ct count over 3" */
			rule_and(reading->sense, RULE_PARTLY);
	}
}

static void read_counter(struct reading *reading)
{
	char word[RULE_WORD];
	if (fields_take(reading, "packets") || fields_take(reading, "name"))
		fields_next(reading, word);
	if (fields_take(reading, "bytes"))
		fields_next(reading, word);
}

/* "with icmpx port-unreachable", "with tcp reset". Of icmp and icmpv6, nft adds in silence that the packet
 * is of that family. */
static void read_reject(struct reading *reading)
{
	char word[RULE_WORD];
	if (!fields_take(reading, "with"))
		return;
	fields_next(reading, word);
	if (strcmp(word, "icmp") == 0 || strcmp(word, "icmpv6") == 0)
		rule_and(reading->sense, rule_known((strcmp(word, "icmp") == 0) ==
						    (reading->packet->family == RULESET_V4)));
	fields_take(reading, "type");
	fields_next(reading, word);
}

/* "to 192.0.2.7:80", "ip to tcp dport map { 80 : 192.0.2.7 }": by the name that iptables has for it */
static void read_dnat(struct reading *reading)
{
	char word[RULE_WORD] = "";
	fields_decide(reading->sense, RULE_JUMP, "DNAT");
	if (!fields_take(reading, "ip"))
		fields_take(reading, "ip6");
	fields_take(reading, "to");
	const char *before = reading->rest;
	if (fields_next(reading, word) && fields_is_transport(word))
		reading->rest = before;
}

/* "to :2222" */
static void read_redirect(struct reading *reading)
{
	char word[RULE_WORD] = "";
	fields_decide(reading->sense, RULE_JUMP, "REDIRECT");
	if (fields_take(reading, "to") && fields_next(reading, word) && word[0] == ':')
		reading->sense->to_port = (uint16_t)strtoul(word + 1, NULL, 10);
}

/* Of other protocols than a door's. */
static bool is_other_proto(const char *word)
{
	static const char *const names[] = {"icmp", "icmpv6", "igmp",    "esp", "ah",
					    "comp", "dccp",   "udplite", "arp"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(word, names[i]) == 0)
			return true;
	return false;
}

static void read_statement(struct reading *reading, const char *word)
{
	if (strcmp(word, "log") == 0)
		read_log(reading);
	else if (strcmp(word, "limit") == 0)
		read_limit(reading);
	else if (strcmp(word, "meter") == 0 || strcmp(word, "add") == 0 ||
		 strcmp(word, "update") == 0)
		read_dynamic(reading);
	else if (strcmp(word, "dnat") == 0)
		read_dnat(reading);
	else if (strcmp(word, "redirect") == 0)
		read_redirect(reading);
	else if (strcmp(word, "notrack") == 0)
		reading->sense->untracks = true;
	else if (strcmp(word, "counter") == 0)
		read_counter(reading);
	else if (is_other_proto(word))
		rule_and(reading->sense, RULE_NO);
	else if (strcmp(word, "mark") == 0 ||
		 (strcmp(word, "meta") == 0 && fields_take(reading, "mark")))
		read_mark(reading);
	else if (fields_is_transport(word) && fields_take(reading, "flags")) {
		fields_transport(reading, word);
		read_flags(reading);
	} else if (!fields_read(reading, word))
		rule_and(reading->sense, RULE_PARTLY);
}

void rule_nft(struct rule_sense *sense, const struct ruleset_chain *chain, const char *text,
	      const struct rule_packet *packet, const struct config *ours)
{
	struct reading reading = {
	    .sense = sense, .chain = chain, .packet = packet, .ours = ours, .rest = text};
	char word[RULE_WORD];
	/* The comment is the last that nft prints; only quotes tell its end, and it may hold some. */
	for (bool string = rule_string(text, true); fields_next(&reading, word);
	     string = rule_string(reading.rest, true)) {
		if (!string && strcmp(word, "comment") == 0)
			return;
		if (string)
			rule_and(sense, RULE_PARTLY);
		else if (!fields_verdict(&reading, word))
			read_statement(&reading, word);
		else if (sense->verdict == RULE_REJECT)
			read_reject(&reading);
	}
}
