/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rule_iptables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A rule, on the way through its words. */
struct reading {
	struct rule_sense *sense;
	const struct rule_packet *packet;
	const struct config *ours;
	const char *rest;
	bool negated; /* by the "!" before */
};

typedef enum rule_truth test(struct reading *reading, const char *value);

static bool next(struct reading *reading, char word[static RULE_WORD])
{
	return rule_word(word, &reading->rest, false);
}

/* Any item of "a,b,c". */
static enum rule_truth any_of(const char *list, const struct rule_packet *packet,
			      enum rule_truth (*one)(const char *, const struct rule_packet *))
{
	enum rule_truth found = RULE_NO;
	char item[64];
	while (*list != '\0') {
		size_t length = strcspn(list, ",");
		snprintf(item, sizeof item, "%.*s", (int)(length < 63 ? length : 63), list);
		enum rule_truth truth = one(item, packet);
		found = truth > found ? truth : found;
		list += length + (list[length] == ',');
	}
	return found;
}

static enum rule_truth test_interface(struct reading *reading, const char *value)
{
	return rule_interface(value, reading->packet);
}

static enum rule_truth test_proto(struct reading *reading, const char *value)
{
	return rule_proto(value, reading->packet);
}

static enum rule_truth test_ports(struct reading *reading, const char *value)
{
	reading->sense->names_port = true;
	return any_of(value, reading->packet, rule_port);
}

static enum rule_truth test_first_ports(struct reading *reading, const char *value)
{
	reading->sense->names_port = true;
	return any_of(value, reading->packet, rule_first_port);
}

static enum rule_truth test_status(struct reading *reading, const char *value)
{
	return any_of(value, reading->packet, rule_status);
}

static enum rule_truth test_direction(struct reading *reading, const char *value)
{
	(void)reading;
	return rule_known(strcmp(value, "ORIGINAL") == 0);
}

static enum rule_truth test_states(struct reading *reading, const char *value)
{
	return any_of(value, reading->packet, rule_state);
}

static enum rule_truth test_source(struct reading *reading, const char *value)
{
	enum rule_truth truth = rule_from(value);
	reading->sense->has_source = truth != RULE_YES;
	return truth;
}

static enum rule_truth source_type(const char *word, const struct rule_packet *packet)
{
	(void)packet;
	return rule_from_type(word);
}

static enum rule_truth test_source_type(struct reading *reading, const char *value)
{
	return any_of(value, reading->packet, source_type);
}

/* IPsec's; no stranger has any. */
static enum rule_truth test_policy(struct reading *reading, const char *value)
{
	(void)reading;
	return strcmp(value, "none") == 0 ? RULE_YES : RULE_MAYBE;
}

static enum rule_truth test_destination(struct reading *reading, const char *value)
{
	return rule_to(value, reading->packet);
}

/* "0x10000/0x10000": a value, and which of its bits count. */
static uint32_t read_masked(const char *value, uint32_t *mask)
{
	char *end;
	uint32_t number = (uint32_t)strtoul(value, &end, 0);
	*mask = *end == '/' ? (uint32_t)strtoul(end + 1, NULL, 0) : UINT32_MAX;
	return number;
}

static enum rule_truth test_mark(struct reading *reading, const char *value)
{
	uint32_t mask, mark = read_masked(value, &mask);
	return rule_known((reading->packet->mark & mask) == mark);
}

static enum rule_truth test_set(struct reading *reading, const char *value)
{
	char flags[RULE_WORD];
	next(reading, flags);
	if (!rule_is_our_set(value, reading->ours, CONFIG_IPSET)) {
		bool asks = strstr(flags, "src") != NULL;
		bool source = strncmp(flags, "src", 3) == 0 && !reading->negated;
		reading->sense->has_source = asks;
		reading->sense->asks_fail2ban |= source && rule_is_fail2ban(value);
		return asks ? RULE_MAYBE : RULE_PARTLY;
	}
	reading->sense->has_set = true;
	return rule_known(reading->packet->granted && strcmp(flags, "src,dst") == 0);
}

/* It comes to an address of ours. */
static enum rule_truth test_to_type(struct reading *reading, const char *value)
{
	(void)reading;
	return strstr(value, "LOCAL") != NULL ? RULE_YES : RULE_NO;
}

/* "FIN,SYN,RST,ACK SYN": the first of a connection */
static enum rule_truth test_flags(struct reading *reading, const char *value)
{
	char set[RULE_WORD];
	next(reading, set);
	if (strcmp(value, "FIN,SYN,RST,ACK") != 0 || strcmp(set, "SYN") != 0)
		return RULE_PARTLY;
	return rule_known(!reading->packet->established);
}

static enum rule_truth test_packet_type(struct reading *reading, const char *value)
{
	(void)reading;
	return rule_known(strcmp(value, "unicast") == 0);
}

static enum rule_truth test_outgoing(struct reading *reading, const char *value)
{
	(void)value;
	return reading->packet->forwarded ? RULE_MAYBE : RULE_NO;
}

/* Up to a rate; how many at once is said after it, if it is not what is usual. */
static enum rule_truth test_limit(struct reading *reading, const char *value)
{
	(void)value;
	reading->sense->burst = RULE_BURST;
	return RULE_PARTLY;
}

static enum rule_truth test_burst(struct reading *reading, const char *value)
{
	reading->sense->burst = (uint32_t)strtoul(value, NULL, 10);
	return RULE_YES;
}

/* Of a few alone. */
static enum rule_truth test_unsure(struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return RULE_MAYBE;
}

static enum rule_truth test_unknown(struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return RULE_PARTLY;
}

static enum rule_truth test_nothing(struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return rule_not(RULE_YES, reading->negated);
}

/* What takes a value, and is known. */
static const struct {
	const char *option;
	test *test;
} tests[] = {
    {"-i", test_interface},
    {"-p", test_proto},
    {"--dport", test_ports},
    {"--dports", test_ports},
    {"--ctstate", test_states},
    {"--ctstatus", test_status},
    {"--ctdir", test_direction},
    {"--ctorigdstport", test_first_ports},
    {"--ctorigsrc", test_unsure},
    {"--state", test_states},
    {"-d", test_destination},
    {"-s", test_source},
    {"--mark", test_mark},
    {"--match-set", test_set},
    {"--tcp-flags", test_flags},
    {"--dst-type", test_to_type},
    {"--src-type", test_source_type},
    {"--pkt-type", test_packet_type},
    {"-o", test_outgoing},
    {"--mac-source", test_unsure},
    {"--src-range", test_source},
    {"--physdev-in", test_unsure},
    {"--pol", test_policy},
    {"--dir", test_nothing},
    {"-m", test_nothing},
    {"--comment", test_nothing},
    {"--limit", test_limit},
    {"--limit-burst", test_burst},
    {"--hashlimit-upto", test_limit},
    {"--hashlimit-burst", test_burst},
    {"--hashlimit-mode", test_nothing},
    {"--hashlimit-name", test_nothing},
    {"--hashlimit-srcmask", test_nothing},
    {"--hashlimit-htable-expire", test_nothing},
    {"--string", test_unknown},
};

static const struct {
	const char *name;
	enum rule_verdict verdict;
	bool logs;
} targets[] = {
    {"ACCEPT", RULE_ACCEPT, false},    {"DROP", RULE_DROP, false},
    {"REJECT", RULE_REJECT, false},    {"RETURN", RULE_RETURN, false},
    {"NFLOG", RULE_GOES_ON, true},     {"LOG", RULE_GOES_ON, true},
    {"ULOG", RULE_GOES_ON, true},      {"MARK", RULE_GOES_ON, false},
    {"CONNMARK", RULE_GOES_ON, false}, {"SET", RULE_GOES_ON, false},
    {"TRACE", RULE_GOES_ON, false},    {"CT", RULE_GOES_ON, false},
    {"NOTRACK", RULE_GOES_ON, false},  {"AUDIT", RULE_GOES_ON, false},
    {"QUEUE", RULE_UNKNOWN, false},    {"NFQUEUE", RULE_UNKNOWN, false},
    {"TARPIT", RULE_DROP, false},
};

/* What some targets are told. */
static void read_detail(struct reading *reading, const char *option)
{
	struct rule_sense *sense = reading->sense;
	char value[RULE_WORD] = "";
	uint32_t mask;
	if (strcmp(option, "--notrack") == 0) {
		sense->untracks = true;
	} else if (strcmp(option, "--nflog-group") == 0) {
		next(reading, value);
		sense->group = atoi(value);
	} else if (strcmp(option, "--to-ports") == 0) {
		next(reading, value);
		sense->to_port = (uint16_t)strtoul(value, NULL, 10);
	} else if (strcmp(option, "--set-xmark") == 0 && strcmp(sense->target, "MARK") == 0) {
		next(reading, value);
		uint32_t flip = read_masked(value, &mask);
		rule_marks(sense, ~mask, flip);
	} else if (strcmp(option, "--nflog-prefix") == 0) {
		next(reading, value);
	}
}

/* All after the target is the target's. */
static void read_target(struct reading *reading, bool jump)
{
	struct rule_sense *sense = reading->sense;
	char word[RULE_WORD];
	if (!next(reading, word))
		return;
	snprintf(sense->target, sizeof sense->target, "%.*s", RULE_TARGET - 1, word);
	sense->verdict = jump ? RULE_JUMP : RULE_GOTO;
	for (size_t i = 0; jump && i < sizeof targets / sizeof *targets; i++)
		if (strcmp(word, targets[i].name) == 0) {
			sense->verdict = targets[i].verdict;
			sense->logs = targets[i].logs;
		}
	if (strcmp(word, "NFLOG") == 0)
		sense->group = 0;
	sense->untracks = strcmp(word, "NOTRACK") == 0;
	while (next(reading, word))
		read_detail(reading, word);
}

static void read_option(struct reading *reading, const char *option)
{
	char value[RULE_WORD];
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
		if (strcmp(option, tests[i].option) != 0)
			continue;
		next(reading, value);
		rule_and(reading->sense, rule_not(tests[i].test(reading, value), reading->negated));
		return;
	}
	bool listed = strcmp(option, "--rcheck") == 0 || strcmp(option, "--update") == 0;
	rule_and(reading->sense, rule_not(listed ? RULE_MAYBE : RULE_PARTLY, reading->negated));
}

void rule_iptables(struct rule_sense *sense, const char *text, const struct rule_packet *packet,
		   const struct config *ours)
{
	struct reading reading = {.sense = sense, .packet = packet, .ours = ours, .rest = text};
	char word[RULE_WORD];
	for (bool string = rule_string(text, false); next(&reading, word);
	     string = rule_string(reading.rest, false)) {
		if (strcmp(word, "!") == 0) {
			reading.negated = true;
			continue;
		}
		if (string)
			rule_and(sense, RULE_PARTLY); /* of an option that is not known */
		else if (strcmp(word, "-j") == 0 || strcmp(word, "-g") == 0)
			read_target(&reading, word[1] == 'j');
		else if (word[0] == '-')
			read_option(&reading, word);
		reading.negated = false;
	}
}
