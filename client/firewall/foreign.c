/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "foreign.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

/* Of each language: the chain that asks for doors and knocks, and those that knocks go to. */
static const char *const entries[] = {RULE_CHAIN, RULE_NFT_CHAIN};
static const char *const others[] = {"POSTERN-KNOCK", "POSTERN-CALM", "postern_knock"};
enum { ENTRIES = sizeof entries / sizeof *entries, OTHERS = sizeof others / sizeof *others };

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* What Postern lets in, by whatever configuration the rule was made. */
static bool lets_in(const char *text)
{
	static const char *const patterns[] = {
	    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
	    "-m conntrack --ctstate NEW -m set --match-set * src,dst -j ACCEPT",
	    "-m conntrack --ctstate NEW -j *",
	    "-m mark --mark 0x* -j ACCEPT",
	    "ct state established,related accept",
	    "ct state new ip saddr . meta l4proto . th dport @* accept",
	    "ct state new ip6 saddr . meta l4proto . th dport @* accept",
	};
	text += strspn(text, " ");
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		if (fnmatch(patterns[i], text, 0) == 0)
			return true;
	return false;
}

static bool is_own(const struct rules *rules, const struct ruleset_chain *chain,
		   const struct ruleset_rule *rule)
{
	struct rule_packet packet = {.family =
					 chain->families & RULESET_V4 ? RULESET_V4 : RULESET_V6};
	struct rule_sense sense;
	bool entry = is_one_of(chain->name, entries, ENTRIES);
	rule_read(&sense, chain, rule->text, &packet, rules->config);
	switch (sense.verdict) {
	case RULE_DROP:
	case RULE_REJECT:
		return !sense.has_source && sense.names_port == entry;
	case RULE_GOES_ON:
		return !sense.has_source && sense.logs && !entry;
	case RULE_JUMP:
	case RULE_GOTO:
		return is_one_of(sense.target, others, OTHERS) || (entry && lets_in(rule->text));
	case RULE_ACCEPT:
		return entry && lets_in(rule->text);
	case RULE_RETURN:
	case RULE_UNKNOWN:
		break;
	}
	return false;
}

/* Before all that is there, in the chain that leads to ours. */
static void tell_move(const struct rules *rules, const struct ruleset_chain *chain,
		      const struct ruleset_rule *rule)
{
	char tables[LOOK_COMMAND];
	const char *text = rule->text + strspn(rule->text, " ");
	uint8_t family = chain->families & RULESET_V4 ? RULESET_V4 : RULESET_V6;
	struct rules_place place = rules_find_place(rules, family);
	if (place.chain == NULL)
		return;
	if (chain->maker == RULESET_NFT) {
		char words[SAY_WORD / 4];
		snprintf(words, sizeof words, "insert rule %s %s %s; delete rule %s %s handle %llu",
			 chain->table, place.chain->name, text, chain->table, chain->name,
			 (unsigned long long)rule->handle);
		say_lines("    nft %s\n", SAY_QUOTED(words));
		return;
	}
	look_command(tables, rules->command, family, "");
	say_lines("    %s -w -I %s", tables, SAY_QUOTED(place.chain->name));
	char word[RULE_WORD];
	while (rule_word(word, &text, false))
		say_lines(" %s", SAY_QUOTED(word));
	say_lines(" && %s -w -D %s %u\n", tables, chain->name, rule->number);
}

static bool is_foreign(const struct rules *rules, const struct ruleset_chain *chain,
		       const struct ruleset_rule *rule)
{
	bool here = chain->maker == rules->keeper &&
		    (chain->maker != RULESET_NFT || strcmp(chain->table, rules->table) == 0 ||
		     strcmp(chain->table, rules->table6) == 0);
	bool ours =
	    is_one_of(chain->name, entries, ENTRIES) || is_one_of(chain->name, others, OTHERS);
	return here && ours && !is_own(rules, chain, rule);
}

/* iptables-restore takes what follows a newline, in a string as well, for the next rule. */
static bool is_broken(const struct rules *rules, const struct ruleset_chain *chain,
		      const struct ruleset_rule *rule)
{
	return chain->maker == rules->keeper && chain->maker != RULESET_NFT &&
	       strchr(rule->text, '\n') != NULL;
}

static bool broken_told(const struct rules *rules, bool leading)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	for (uint32_t i = 0; i < ruleset->n_rules; i++) {
		const struct ruleset_rule *rule = &ruleset->rules[i];
		const struct ruleset_chain *chain = &ruleset->chains[rule->chain];
		char told[LOOK_RULE], tables[LOOK_COMMAND];
		if (!is_broken(rules, chain, rule) || (leading && !look_is_ours(chain, rule)))
			continue;
		look_tell(told, chain, rule);
		look_command(tables, rules->command, chain->families, "");
		say(SAY_REFUSED,
		    "a rule has a line break in its text, and iptables-restore takes what follows "
		    "that for rules of their own (%s): delete it, or make it anew without one",
		    told);
		say_lines("    %s -w -t %s -D %s %u\n", tables, chain->table,
			  SAY_QUOTED(chain->name), rule->number);
		return true;
	}
	return false;
}

bool foreign_broken_told(const struct rules *rules)
{
	return broken_told(rules, false);
}

bool foreign_told(const struct rules *rules)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	if (broken_told(rules, true))
		return true;
	for (uint32_t i = 0; i < ruleset->n_rules; i++) {
		const struct ruleset_rule *rule = &ruleset->rules[i];
		const struct ruleset_chain *chain = &ruleset->chains[rule->chain];
		char told[LOOK_RULE];
		if (!is_foreign(rules, chain, rule))
			continue;
		look_tell(told, chain, rule);
		say(SAY_REFUSED,
		    "a rule that is not Postern's stands in a chain of Postern's, and would be "
		    "lost with what that has (%s): put it where it stays, or delete it",
		    told);
		tell_move(rules, chain, rule);
		return true;
	}
	return false;
}
