/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rulesets as iptables-save and nft have printed them, and packets on their way through.
 */
#ifndef TRACING_H
#define TRACING_H

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "../../client/firewall/ruleset.h"
#include "../../client/firewall/trace.h"

static struct config config;

static inline int set_up(void **state)
{
	(void)state;
	memset(&config, 0, sizeof config);
	config.firewall = CONFIG_IPTC;
	strcpy(config.table, "mangle");
	strcpy(config.chain, "POSTERN");
	config.mark = 0x10000;
	config.n_sources = 1;
	config.sources[0].kind = SOURCE_NFLOG;
	config.sources[0].n_groups = 2;
	config.sources[0].groups[0] = 5;
	config.sources[0].groups[1] = 6;
	config.doors[config.n_doors++] = (struct door){.proto = DOOR_TCP, .port = 22};
	assert_int_equal(portset_parse(&config.spa, "53,20480-32767", NULL), 0);
	return 0;
}

/* What the rules make of it: 'a', 'd' or 'r'; a capital: by a policy, or by nothing. */
static inline char fate(const struct ruleset *ruleset, struct rule_packet packet)
{
	struct trace_result result = trace_packet(ruleset, &packet, &config, NULL, NULL);
	char letter = "adr"[result.end];
	return result.rule == NULL ? (char)(letter - 'a' + 'A') : letter;
}

static const struct rule_packet ssh = {.family = RULESET_V4, .proto = DOOR_TCP, .port = 22};
static const struct rule_packet knock = {.family = RULESET_V4, .proto = DOOR_UDP, .port = 20480};

static inline struct rule_packet granted(struct rule_packet packet)
{
	packet.granted = true;
	return packet;
}

static inline struct rule_packet begun(struct rule_packet packet)
{
	packet.established = true;
	return packet;
}

static inline struct ruleset legacy(const char *input, const char *more)
{
	struct ruleset ruleset = {0};
	char *text;
	assert_true(asprintf(&text, "# by\n*filter\n:INPUT DROP [1:2]\n:X - [0:0]\n%s%sCOMMIT\n",
			     input, more) > 0);
	assert_int_equal(ruleset_add_iptables(&ruleset, text, RULESET_LEGACY, RULESET_V4, NULL), 0);
	return ruleset;
}

static inline struct ruleset nft(const char *rules)
{
	struct ruleset ruleset = {0};
	char *text;
	assert_true(
	    asprintf(&text,
		     "table inet filter { # handle 1\n\tset postern4 { # handle 2\n"
		     "\t\telements = { 192.0.2.1 . tcp . 22,\n\t\t\t192.0.2.2 . tcp . 22 }\n\t}\n"
		     "\tchain input { # handle 3\n"
		     "\t\ttype filter hook input priority filter + 1; policy drop;\n"
		     "%s\t}\n\tchain x { # handle 90\n\t\taccept # handle 91\n\t}\n}\n",
		     rules) > 0);
	assert_int_equal(ruleset_add_nft(&ruleset, text, NULL), 0);
	assert_non_null(
	    ruleset_find(&ruleset, RULESET_NFT, RULESET_V4, "inet filter", "@postern4"));
	return ruleset;
}

#endif
