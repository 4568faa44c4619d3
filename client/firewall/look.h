/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A look at the host's firewall: all its rules, who keeps them, and with which commands.
 */
#ifndef LOOK_H
#define LOOK_H

#include <stdbool.h>

#include "config.h"
#include "error.h"
#include "ruleset.h"
#include "trace.h"

struct look {
	struct ruleset ruleset;
	/* "iptables-legacy", by maker, or null: there are no such commands. With "6" for IPv6 by
	 * look_command. */
	const char *commands[RULESET_MAKERS];
	enum ruleset_maker plain;   /* of "iptables"; nft's: there is none of that name */
	bool holds[RULESET_MAKERS]; /* rules or a policy on the way in, other than Postern's */
	bool ufw, firewalld;
	bool firewalld_nft; /* firewalld makes them by nftables */
	char *sets;         /* the names of ipset's sets, a line each; null: none */
};

#define LOOK_FIREWALLD_TABLE "inet firewalld"

/* Needs root. 0; or -1 with the error: what could not be read. The caller frees either way. */
int look_read(struct look *look, struct error *error);
void look_free(struct look *look);

enum { LOOK_COMMAND = 40 };
/* "ip6tables-legacy" + "-save" */
void look_command(char text[static LOOK_COMMAND], const char *command, uint8_t family,
		  const char *suffix);

/* Who keeps the rules of this host: the one that holds any; where none does, legacy iptables if that is what
 * "iptables" was made to mean, else whose commands there are. */
enum ruleset_maker look_keeper(const struct look *look);

/* The families that this kernel has: those of list, one or two. */
size_t look_families(uint8_t list[static 2]);

/* Does it lead to a chain of Postern's? By the names that these have. */
bool look_is_ours(const struct ruleset_chain *chain, const struct ruleset_rule *rule);

bool look_has_set(const struct look *look, const char *name);

/* In which words a rule is told: "iptables-legacy: -A INPUT -j DROP". */
enum { LOOK_RULE = 200 };
void look_tell(char text[static LOOK_RULE], const struct ruleset_chain *chain,
	       const struct ruleset_rule *rule);

#endif
