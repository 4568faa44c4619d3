/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "foreign.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "moving.h"
#include "rules_ufw.h"
#include "say.h"

/* A rule, and what it says, whatever it matches. */
struct foreign {
	const struct ruleset_chain *chain;
	const struct ruleset_rule *rule;
	struct rule_sense sense;
};

static uint8_t family_of(const struct ruleset_chain *chain)
{
	return chain->families & RULESET_V4 ? RULESET_V4 : RULESET_V6;
}

static struct foreign read_rule(const struct rules *rules, const struct ruleset_chain *chain,
				const struct ruleset_rule *rule)
{
	struct foreign foreign = {.chain = chain, .rule = rule};
	struct rule_packet packet = {.family = family_of(chain)};
	rule_read(&foreign.sense, chain, rule->text, &packet, rules->config);
	return foreign;
}

static bool reads_as(const struct foreign *foreign, const char *const *patterns, size_t n)
{
	const char *text = foreign->rule->text + strspn(foreign->rule->text, " ");
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], text, 0) == 0)
			return true;
	return false;
}

/* What Postern lets in, by whatever configuration the rule was made. */
static bool lets_in(const struct foreign *foreign)
{
	static const char *const patterns[] = {
	    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
	    "-m conntrack --ctstate NEW -m set --match-set * src,dst -j ACCEPT",
	    "-m mark --mark 0x* -j ACCEPT",
	    "ct state established,related accept",
	    "ct state new ip saddr . meta l4proto . th dport @* accept",
	    "ct state new ip6 saddr . meta l4proto . th dport @* accept",
	};
	return reads_as(foreign, patterns, sizeof patterns / sizeof *patterns);
}

/* To posternd's chain, or one that it had by another configuration. */
static bool leads_to_grants(const struct foreign *foreign, const struct config *config)
{
	static const char *const patterns[] = {"-m conntrack --ctstate NEW -j *"};
	const char *to = foreign->sense.target;
	return reads_as(foreign, patterns, 1) &&
	       (strcmp(to, config->chain) == 0 || strncmp(to, "POSTERN", 7) == 0);
}

/* By its mark; those that were made before they had one shut a door. */
static bool shuts_door(const struct foreign *foreign, const struct config *config)
{
	static const char *const marks[] = {"* --comment " RULE_MARK " -j *",
					    "* comment \"" RULE_MARK "\""};
	bool shuts = reads_as(foreign, marks, 2);
	for (uint32_t i = 0; i < config->n_doors && !shuts; i++) {
		struct rule_packet packet = {.family = family_of(foreign->chain),
					     .proto = config->doors[i].proto,
					     .port = config->doors[i].port};
		struct rule_sense sense;
		rule_read(&sense, foreign->chain, foreign->rule->text, &packet, config);
		shuts = sense.match == RULE_YES;
	}
	return shuts;
}

static bool is_own(const struct foreign *foreign, const struct config *config)
{
	const struct rule_sense *sense = &foreign->sense;
	bool entry = rule_is_our_chain(foreign->chain->name);
	switch (sense->verdict) {
	case RULE_DROP:
	case RULE_REJECT:
		if (sense->has_source || sense->names_port != entry)
			return false;
		return !entry || shuts_door(foreign, config);
	case RULE_GOES_ON:
		return !sense->has_source && sense->logs && !entry;
	case RULE_JUMP:
	case RULE_GOTO:
		return rule_is_knock_chain(sense->target) ||
		       (entry && leads_to_grants(foreign, config));
	case RULE_ACCEPT:
		return entry && lets_in(foreign);
	case RULE_RETURN:
	case RULE_UNKNOWN:
		break;
	}
	return false;
}

/* ---- and what to do about one */

/* Does it say before the one rule what it says behind it? There more packets come to it; so it has to name those
 * that it is about. */
static bool means_the_same(const struct foreign *foreign)
{
	const struct rule_sense *sense = &foreign->sense;
	if (!rule_is_our_chain(foreign->chain->name))
		return false;
	switch (sense->verdict) {
	case RULE_ACCEPT:
		return sense->has_source || sense->names_port;
	case RULE_DROP:
	case RULE_REJECT:
		return sense->has_source;
	case RULE_GOES_ON:
		return true;
	case RULE_JUMP:
		return rule_is_ban(sense);
	case RULE_GOTO:
	case RULE_RETURN:
	case RULE_UNKNOWN:
		break;
	}
	return false;
}

/* The command that puts it before the one rule, where it stays: of ufw, which makes that chain anew, into its files. */
static bool print_move(char command[static MOVING_COMMAND], const struct rules *rules,
		       const struct foreign *foreign)
{
	uint8_t family = family_of(foreign->chain);
	struct rules_place place = rules_find_place(rules, family);
	if (!means_the_same(foreign) || place.ours == NULL)
		return false;
	if (rules_have_files(rules))
		return rules->look->ufw && rules_ufw_command(command, foreign->rule, family);
	return moving_to(command, rules->look, foreign->rule, place.chain, place.ours);
}

static void tell(const struct rules *rules, const struct foreign *foreign)
{
	char told[LOOK_RULE], command[MOVING_COMMAND];
	bool moves = print_move(command, rules, foreign);
	look_tell(told, foreign->chain, foreign->rule);
	say(SAY_REFUSED,
	    "a rule that is not Postern's stands in a chain of Postern's, and would be "
	    "lost with what that has (%s): %s",
	    told,
	    moves ? "put it where it stays, or delete it"
	    : rules->look->firewalld
		? "delete it; a rule that is to stay has firewalld make it "
		  "(firewall-cmd --permanent --direct)"
		: "delete it; what it says has no other place that is as good");
	if (!moves && !moving_out(command, rules->look, foreign->rule))
		snprintf(command, sizeof command, "# " SAY_TOO_LONG);
	say_lines("    %s\n", command);
}

static bool is_foreign(const struct rules *rules, const struct foreign *foreign)
{
	const struct ruleset_chain *chain = foreign->chain;
	bool here = chain->maker == rules->keeper &&
		    (chain->maker != RULESET_NFT || strcmp(chain->table, rules->table) == 0 ||
		     strcmp(chain->table, rules->table6) == 0);
	bool ours = rule_is_our_chain(chain->name) || rule_is_knock_chain(chain->name);
	return here && ours && !is_own(foreign, rules->config);
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
		char told[LOOK_RULE], command[MOVING_COMMAND];
		if (!is_broken(rules, chain, rule) || (leading && !look_is_ours(chain, rule)))
			continue;
		look_tell(told, chain, rule);
		say(SAY_REFUSED,
		    "a rule has a line break in its text, and iptables-restore takes what follows "
		    "that for rules of their own (%s): delete it, or make it anew without one",
		    told);
		moving_out(command, rules->look, rule);
		say_lines("    %s\n", command);
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
		struct foreign foreign = read_rule(rules, chain, rule);
		if (!is_foreign(rules, &foreign))
			continue;
		tell(rules, &foreign);
		return true;
	}
	return false;
}
