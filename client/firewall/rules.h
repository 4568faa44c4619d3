/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules that Postern needs on a host, and where they go: a plan to put them in, one to take them
 * out again, and one to put back what stood there before. What they touch is Postern's own chains,
 * sets and the one rule that leads to them.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>

#include "config.h"
#include "edits.h"
#include "firewall/ipset.h"
#include "look.h"
#include "plan.h"

enum { RULES_CLOSED = 64 };

struct rules {
	const struct config *config; /* with the backend that they are for */
	const struct look *look;     /* of now; null: the host can't be seen, all goes to the end */
	enum ruleset_maker keeper;   /* whose rules they join */
	const char *command;         /* "iptables-legacy"; of nft: null */
	/* nft's: "inet filter"; or "ip filter", and then "ip6 filter" beside it. */
	char table[CONFIG_TABLE], table6[CONFIG_TABLE];
	uint8_t families; /* that are meant: both, or the one whose table is at hand */
	/* What this host does to closed ports, as a target of its language; by family, TCP first. */
	char closed[2][2][RULES_CLOSED];
};

/* By what is there: how closed ports look, and which commands make rules. */
void rules_start(struct rules *rules, const struct config *config, const struct look *look,
		 enum ruleset_maker keeper);

void rules_plan(const struct rules *rules, struct plan *plan);
/* By what is there now; before: what there was, which is put back (null: nothing of ours). */
void rules_plan_removal(const struct rules *rules, const struct look *before, struct plan *plan);

/* Where something makes this host's rules anew from files of its own (ufw, firewalld): has it those of
 * the keeper? Then ours are put among its own there (put), or taken out. 0; or -1 with what is wrong. */
bool rules_have_files(const struct rules *rules);
int rules_edit(const struct rules *rules, struct edits *edits, bool put, struct error *error);

/* The first rule of the host's own that asks a set of Postern's, which therefore has to stay; null: none does. Of
 * nft's, in the tables of the rules. */
const struct ruleset_rule *rules_asking(const struct rules *rules, const char *set);

/* How posternd makes its sets, for ipset, after "inet" or "inet6". */
#define RULES_TEXT(number) #number
#define RULES_SET_OF(seconds, most) \
	"timeout " RULES_TEXT(seconds) " maxelem " RULES_TEXT(most) " -exist"
#define RULES_SET RULES_SET_OF(IPSET_SECONDS, IPSET_ELEMENTS)

/* ---- what both languages are made of (rules_iptables, rules_nft) */

/* Knocks that come slower than this are handed on one by one, so at once; what comes faster, in
 * batches; what comes faster than the second is not written to a log of text. All in packets a second. */
enum { RULES_CALM_RATE = 500, RULES_TEXT_RATE = 100 };

/* The source whose groups the rules log to; null: none. */
const struct source_config *rules_nflog(const struct config *config);
/* Is a log read that the rules have to write? */
bool rules_log_text(const struct config *config);
/* What its lines begin with. */
const char *rules_log_prefix(const struct config *config);
/* Do knocks need rules at all? What reads the wire does not. */
bool rules_log_knocks(const struct config *config);
const char *rules_protocol(const struct door *door);

/* The table of nftables that lets in or keeps out: of the family inet, then table6 is "", or of ip and of
 * ip6; one of our own where there is none. */
void rules_find_tables(char table[static CONFIG_TABLE], char table6[static CONFIG_TABLE],
		       const struct look *look, const struct config *config);
/* Of these the one that this family has. */
const char *rules_table(const struct rules *rules, uint8_t family);

/* What becomes of a stranger's packet that is not wanted: to look like any other closed port. */
const char *rules_closed(const struct rules *rules, uint8_t family, bool tcp);

/* The chain that the one rule goes into, and the rule before which it has to stand; number 0: at the
 * end. A rule of ours that stands already is looked past. */
struct rules_place {
	const struct ruleset_chain *chain; /* null: there is none yet */
	uint32_t number;
	uint64_t handle;
	const struct ruleset_rule *chooses; /* because of which it is not at the end; maybe null */
	const struct ruleset_rule *ours;    /* the rule that leads to our chain, if there is one */
	bool right;                         /* it stands where it has to */
};
struct rules_place rules_find_place(const struct rules *rules, uint8_t family);

/* The next rule after this (null: of all) that leads to one of these chains, and is not in one of them; by
 * keeper, family, and table. Null: no more. */
const struct ruleset_rule *rules_leading(const struct rules *rules, const struct look *look,
					 const struct ruleset_rule *after, uint8_t family,
					 const char *table, const char *const names[], size_t n);

#endif
