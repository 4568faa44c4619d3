/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule of nft's asks of a packet: "tcp dport 22", "ip saddr . tcp dport @set", "ct state vmap { ... }".
 * Sets and maps that have a name are looked up among the ruleset's.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include "rule.h"

/* A rule, on the way through its words. */
struct reading {
	struct rule_sense *sense;
	const struct ruleset_chain *chain;
	const struct rule_packet *packet;
	const struct config *ours;
	const char *rest;
};

bool fields_next(struct reading *reading, char word[static RULE_WORD]);
/* Is this the next word? It is taken then. */
bool fields_take(struct reading *reading, const char *wanted);

/* What begins with this word, a field, is taken into the sense; false: it is none. */
bool fields_read(struct reading *reading, const char *word);
/* "accept", "jump x"; with a comma after it, in a map. True: these words are a verdict. */
bool fields_verdict(struct reading *reading, const char *word);
void fields_decide(struct rule_sense *sense, enum rule_verdict verdict, const char *target);
/* "udp udp dport", as rules of iptables-nft read */
bool fields_is_transport(const char *word);
void fields_transport(struct reading *reading, const char *proto);

#endif
