/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rule_nft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
	struct rule_sense *sense;
	const struct rule_packet *packet;
	const struct config *ours;
	const char *rest;
};

typedef enum rule_truth test(struct reading *reading, const char *value);

static bool next(struct reading *reading, char word[static RULE_WORD])
{
	return rule_word(word, &reading->rest, true);
}

/* Is this the next word? It is taken then. */
static bool take(struct reading *reading, const char *wanted)
{
	char word[RULE_WORD];
	const char *before = reading->rest;
	if (next(reading, word) && strcmp(word, wanted) == 0)
		return true;
	reading->rest = before;
	return false;
}

/* "value", "!= value", "{ a, b }", "a,b": does one of them hold? */
static enum rule_truth compare(struct reading *reading, test *one)
{
	enum rule_truth found = RULE_NO;
	char word[RULE_WORD];
	bool negated = take(reading, "!=");
	take(reading, "==");
	bool set = take(reading, "{");
	if (take(reading, ".")) /* joined with something else */
		return RULE_MAYBE;
	while (next(reading, word) && strcmp(word, "}") != 0) {
		char *rest = word, *item;
		while ((item = strsep(&rest, ",")) != NULL) {
			enum rule_truth truth = *item == '\0' ? RULE_NO : one(reading, item);
			found = truth > found ? truth : found;
		}
		if (!set)
			break;
	}
	return rule_not(found, negated);
}

static enum rule_truth is_interface(struct reading *reading, const char *value)
{
	return value[0] == '@' ? RULE_MAYBE : rule_interface(value, reading->packet);
}

static enum rule_truth is_proto(struct reading *reading, const char *value)
{
	return value[0] == '@' ? RULE_MAYBE : rule_proto(value, reading->packet);
}

static enum rule_truth is_port(struct reading *reading, const char *value)
{
	reading->sense->names_port = true;
	return rule_port(value, reading->packet);
}

static enum rule_truth is_state(struct reading *reading, const char *value)
{
	return rule_state(value, reading->packet);
}

static enum rule_truth is_family(struct reading *reading, const char *value)
{
	bool v4 = strcmp(value, "ipv4") == 0 || strcmp(value, "ip") == 0;
	return rule_known(v4 == (reading->packet->family == RULESET_V4));
}

static enum rule_truth is_unknown(struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return RULE_MAYBE;
}

static enum rule_truth is_destination(struct reading *reading, const char *value)
{
	return rule_to(value, reading->packet);
}

static void set_verdict(struct rule_sense *sense, enum rule_verdict verdict, const char *target)
{
	sense->verdict = verdict;
	snprintf(sense->target, sizeof sense->target, "%.*s", RULE_TARGET - 1, target);
}

/* "established : accept, invalid : drop" of a map; true: these words are a verdict. */
static bool read_verdict(struct reading *reading, const char *word)
{
	static const struct {
		const char *name;
		enum rule_verdict verdict;
	} names[] = {{"accept", RULE_ACCEPT}, {"drop", RULE_DROP},     {"reject", RULE_REJECT},
		     {"return", RULE_RETURN}, {"queue", RULE_UNKNOWN}, {"jump", RULE_JUMP},
		     {"goto", RULE_GOTO}};
	char target[RULE_WORD] = "";
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(word, names[i].name) != 0)
			continue;
		if (names[i].verdict == RULE_JUMP || names[i].verdict == RULE_GOTO)
			next(reading, target);
		target[strcspn(target, ",")] = '\0';
		set_verdict(reading->sense, names[i].verdict, target);
		return true;
	}
	return false;
}

/* "ct state vmap { established : accept, ... }": the element that the packet has. Maps of other things
 * may do anything. */
static void read_map(struct reading *reading, test *one)
{
	char word[RULE_WORD];
	enum rule_truth found = RULE_NO;
	if (!take(reading, "{")) {
		next(reading, word); /* a named map */
		rule_and(reading->sense, RULE_MAYBE);
		reading->sense->verdict = RULE_UNKNOWN;
		return;
	}
	while (next(reading, word) && strcmp(word, "}") != 0) {
		enum rule_truth truth = one(reading, word);
		struct rule_sense before = *reading->sense;
		take(reading, ":");
		next(reading, word);
		word[strcspn(word, ",")] = '\0';
		read_verdict(reading, word);
		while (take(reading, ".")) /* "192.0.2.7 . 80" */
			next(reading, word);
		if (truth > found)
			found = truth;
		else
			*reading->sense = before;
	}
	rule_and(reading->sense, found);
}

static void read_test(struct reading *reading, test *one)
{
	if (take(reading, "vmap") || take(reading, "map"))
		read_map(reading, one);
	else
		rule_and(reading->sense, compare(reading, one));
}

/* "mark & 0x00010000 == 0x00010000", "mark 0x1" */
static void read_mark(struct reading *reading)
{
	char word[RULE_WORD] = "";
	uint32_t mask = UINT32_MAX, mark = reading->packet->mark;
	if (take(reading, "set")) { /* a statement */
		next(reading, word);
		return;
	}
	if (take(reading, "&") && next(reading, word))
		mask = (uint32_t)strtoul(word, NULL, 0);
	bool negated = take(reading, "!=");
	take(reading, "==");
	next(reading, word);
	bool is = (mark & mask) == (uint32_t)strtoul(word, NULL, 0);
	rule_and(reading->sense, rule_not(rule_known(is), negated));
}

/* "ip saddr 192.0.2.1", "ip saddr . meta l4proto . th dport @postern4", "ip protocol tcp" */
static void read_ip(struct reading *reading, uint8_t family)
{
	char word[RULE_WORD] = "", joined[RULE_WORD];
	struct rule_sense *sense = reading->sense;
	rule_and(sense, rule_known(reading->packet->family == family));
	next(reading, word);
	if (strcmp(word, "protocol") == 0 || strcmp(word, "nexthdr") == 0) {
		read_test(reading, is_proto);
		return;
	}
	bool source = strcmp(word, "saddr") == 0, to = strcmp(word, "daddr") == 0, several = false;
	for (; take(reading, "."); several = true) {
		next(reading, joined);
		next(reading, joined);
	}
	const char *before = reading->rest;
	bool negated = take(reading, "!=");
	if (next(reading, word) && word[0] == '@' &&
	    rule_is_our_set(word + 1, reading->ours, CONFIG_NFT)) {
		sense->has_set = true;
		rule_and(sense, rule_known(several && !negated && reading->packet->granted));
		return;
	}
	sense->asks_fail2ban |= source && !negated && word[0] == '@' && rule_is_fail2ban(word + 1);
	reading->rest = before;
	sense->has_source = source && !negated;
	read_test(reading, to && !several ? is_destination : is_unknown);
}

/* "syn", "== syn", "syn / fin,syn,rst,ack", "& (fin | syn | rst | ack) == syn": the first of a connection */
static void read_flags(struct reading *reading)
{
	char word[RULE_WORD] = "";
	bool masked = take(reading, "&");
	if (masked && next(reading, word) && word[0] == '(')
		while (strchr(word, ')') == NULL && next(reading, word))
			continue;
	bool negated = take(reading, "!=");
	take(reading, "==");
	bool syn = next(reading, word) && strcmp(word, "syn") == 0 && !negated;
	if (take(reading, "/"))
		next(reading, word);
	rule_and(reading->sense, syn ? rule_known(!reading->packet->established) : RULE_MAYBE);
}

/* "th dport 53" */
static void read_transport(struct reading *reading, const char *proto)
{
	char word[RULE_WORD] = "";
	next(reading, word);
	if (strcmp(proto, "th") != 0)
		rule_and(reading->sense, rule_proto(proto, reading->packet));
	if (strcmp(word, "dport") == 0) {
		read_test(reading, is_port);
	} else if (strcmp(word, "flags") == 0) {
		read_flags(reading);
	} else {
		read_test(reading, is_unknown);
	}
}

static void read_ct(struct reading *reading)
{
	char word[RULE_WORD] = "";
	next(reading, word);
	if (strcmp(word, "state") == 0)
		read_test(reading, is_state);
	else
		read_test(reading, is_unknown);
}

/* "log prefix \"x\" group 5 queue-threshold 1": until what is no more of it */
static void read_log(struct reading *reading)
{
	static const char *const parts[] = {"prefix", "level", "snaplen", "queue-threshold",
					    "flags"};
	char word[RULE_WORD];
	reading->sense->logs = true;
	for (bool more = true; more;) {
		more = take(reading, "group");
		if (more && next(reading, word))
			reading->sense->group = atoi(word);
		for (size_t i = 0; !more && i < sizeof parts / sizeof *parts; i++)
			if (take(reading, parts[i]))
				more = next(reading, word);
	}
}

/* "rate 500/second burst 500 packets"; of "rate 10 kbytes/second burst 5 kbytes" and "name x" it is not said how
 * many packets they take. */
static void read_limit(struct reading *reading)
{
	char word[RULE_WORD];
	if (take(reading, "name")) {
		rule_and(reading->sense, RULE_MAYBE);
		next(reading, word);
		return;
	}
	take(reading, "rate");
	bool over = take(reading, "over");
	rule_and(reading->sense, over ? RULE_MAYBE : RULE_PARTLY);
	next(reading, word);
	bool packets = strchr(word, '/') != NULL;
	if (!packets)
		next(reading, word);
	uint32_t burst = RULE_BURST;
	if (take(reading, "burst")) {
		next(reading, word);
		burst = (uint32_t)strtoul(word, NULL, 10);
		next(reading, word);
	}
	if (packets && !over)
		reading->sense->burst = burst;
}

/* "meter x size 65535 { ip saddr limit rate 3/minute }", "add @x { ip saddr }": a rate for each, or none. */
static void read_dynamic(struct reading *reading)
{
	char word[RULE_WORD];
	while (next(reading, word) && strcmp(word, "}") != 0) {
		if (strcmp(word, "limit") == 0)
			read_limit(reading);
		else if (strcmp(word, "ct") == 0) /* "ct count over 3" */
			rule_and(reading->sense, RULE_MAYBE);
	}
}

static void read_counter(struct reading *reading)
{
	char word[RULE_WORD];
	if (take(reading, "packets"))
		next(reading, word);
	if (take(reading, "bytes"))
		next(reading, word);
}

/* "with icmpx port-unreachable", "with tcp reset". Of icmp and icmpv6, nft adds in silence that the packet
 * is of that family. */
static void read_reject(struct reading *reading)
{
	char word[RULE_WORD];
	if (!take(reading, "with"))
		return;
	next(reading, word);
	if (strcmp(word, "icmp") == 0 || strcmp(word, "icmpv6") == 0)
		rule_and(reading->sense, rule_known((strcmp(word, "icmp") == 0) ==
						    (reading->packet->family == RULESET_V4)));
	take(reading, "type");
	next(reading, word);
}

/* "udp udp dport", as rules of iptables-nft read */
static bool is_transport(const char *word)
{
	return strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0 || strcmp(word, "sctp") == 0 ||
	       strcmp(word, "th") == 0;
}

/* "to 192.0.2.7:80", "ip to tcp dport map { 80 : 192.0.2.7 }": by the name that iptables has for it */
static void read_dnat(struct reading *reading)
{
	char word[RULE_WORD] = "";
	set_verdict(reading->sense, RULE_JUMP, "DNAT");
	if (!take(reading, "ip"))
		take(reading, "ip6");
	take(reading, "to");
	const char *before = reading->rest;
	if (next(reading, word) && is_transport(word))
		reading->rest = before;
}

static void read_meta(struct reading *reading, const char *key)
{
	if (strcmp(key, "l4proto") == 0)
		read_test(reading, is_proto);
	else if (strcmp(key, "nfproto") == 0 || strcmp(key, "protocol") == 0)
		read_test(reading, is_family);
	else if (strcmp(key, "mark") == 0)
		read_mark(reading);
	else if (strcmp(key, "iif") == 0 || strcmp(key, "iifname") == 0)
		read_test(reading, is_interface);
	else
		read_test(reading, is_unknown);
}

static void read_statement(struct reading *reading, const char *word)
{
	char value[RULE_WORD];
	if (strcmp(word, "ct") == 0)
		read_ct(reading);
	else if (strcmp(word, "ip") == 0 || strcmp(word, "ip6") == 0)
		read_ip(reading, word[2] == '6' ? RULESET_V6 : RULESET_V4);
	else if (is_transport(word))
		read_transport(reading, word);
	else if (strncmp(word, "iif", 3) == 0 || strcmp(word, "mark") == 0)
		read_meta(reading, word);
	else if (strcmp(word, "meta") == 0 && next(reading, value))
		read_meta(reading, value);
	else if (strcmp(word, "fib") == 0 || strcmp(word, "xt") == 0)
		rule_and(reading->sense, RULE_MAYBE);
	else if (strcmp(word, "icmp") == 0 || strcmp(word, "icmpv6") == 0)
		rule_and(reading->sense, RULE_NO);
	else if (strcmp(word, "log") == 0)
		read_log(reading);
	else if (strcmp(word, "limit") == 0)
		read_limit(reading);
	else if (strcmp(word, "meter") == 0 || strcmp(word, "add") == 0 ||
		 strcmp(word, "update") == 0)
		read_dynamic(reading);
	else if (strcmp(word, "dnat") == 0)
		read_dnat(reading);
	else if (strcmp(word, "counter") == 0)
		read_counter(reading);
	else if (strcmp(word, "notrack") != 0)
		rule_and(reading->sense, RULE_MAYBE);
}

void rule_nft(struct rule_sense *sense, const char *text, const struct rule_packet *packet,
	      const struct config *ours)
{
	struct reading reading = {.sense = sense, .packet = packet, .ours = ours, .rest = text};
	char word[RULE_WORD];
	/* The comment is the last that nft prints; only quotes tell its end, and it may hold some. */
	for (bool string = rule_string(text, true); next(&reading, word);
	     string = rule_string(reading.rest, true)) {
		if (!string && strcmp(word, "comment") == 0)
			return;
		if (string)
			rule_and(sense, RULE_MAYBE);
		else if (!read_verdict(&reading, word))
			read_statement(&reading, word);
		else if (sense->verdict == RULE_REJECT)
			read_reject(&reading);
	}
}
