/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's rules, whoever made them, as one list of chains and rules: read from what iptables-save
 * (of both kinds) and `nft -a list ruleset` print. A rule stays the text that it is; rule.h says
 * what one means, trace.h what becomes of a packet.
 */
#ifndef RULESET_H
#define RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "outward.h"

enum ruleset_maker {
	RULESET_LEGACY, /* iptables-legacy's own tables in the kernel */
	RULESET_COMPAT, /* iptables-nft: nftables, written as iptables */
	RULESET_NFT,
	RULESET_MAKERS
};

enum ruleset_hook { RULESET_NO_HOOK, RULESET_PREROUTING, RULESET_INPUT };

enum { RULESET_V4 = 1, RULESET_V6 = 2 };
enum {
	RULESET_MOST = 1 << 20, /* rules */
	RULESET_CHAINS = 1 << 16,
	RULESET_NONE = UINT32_MAX /* the end of a list */
};

struct ruleset_rule {
	const char *text;             /* "-p tcp -j ACCEPT", "tcp dport 22 accept" */
	const char *counters;         /* iptables': "[12:345]"; null: it has told none */
	uint64_t handle;              /* nft's; else 0 */
	uint32_t chain, number, next; /* number: its place in the chain, from 1 */
};

struct ruleset_chain {
	const char *table; /* "filter"; of nft: "inet filter" */
	/* Of nft, what is no chain: "@NAME", a set or a map; "", the table itself; with a blank in it, what else the
	 * table has ("counter NAME"). */
	const char *name;
	enum ruleset_maker maker;
	uint8_t families;
	enum ruleset_hook hook;
	int priority;
	bool drops;           /* its policy */
	bool elsewhere;       /* a base chain of another way than in */
	const char *elements; /* of a set, or a map: "{ 22, 80 }"; null: it has none */
	uint32_t first, last, count;
};

/* One of a table's, which nothing asks then: its chains have no hook. */
#define RULESET_DORMANT "flags dormant"

struct ruleset {
	char *texts[RULESET_MAKERS * 2];
	size_t n_texts;
	struct ruleset_chain *chains;
	struct ruleset_rule *rules;
	uint32_t n_chains, n_rules;
	const struct outward *outward; /* where strangers come in; null: that is not known */
};

/* Take the text, which stays with the ruleset (or is freed). family: RULESET_V4 or RULESET_V6. 0; or -1
 * with the error: out of memory, or more than can be. What they do not understand they leave out. */
int ruleset_add_iptables(struct ruleset *ruleset, char *text, enum ruleset_maker maker,
			 uint8_t family, struct error *error);
/* After those of iptables-nft, whose chains nft shows as well, and which are left out here. */
int ruleset_add_nft(struct ruleset *ruleset, char *text, struct error *error);
void ruleset_free(struct ruleset *ruleset);

/* By maker, a family that it has, table and name; null: there is none. */
const struct ruleset_chain *ruleset_find(const struct ruleset *ruleset, enum ruleset_maker maker,
					 uint8_t family, const char *table, const char *name);
/* The first rule of a chain, the rule after one; null at the end. */
const struct ruleset_rule *ruleset_first(const struct ruleset *ruleset,
					 const struct ruleset_chain *chain);
const struct ruleset_rule *ruleset_next(const struct ruleset *ruleset,
					const struct ruleset_rule *rule);

#endif
