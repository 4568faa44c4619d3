/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_nft.h"

#include <stdlib.h>
#include <string.h>

#include "placing.h"

#define JUMP "iifname != \"lo\" jump " RULE_NFT_CHAIN " comment \"" RULE_MARK "\""

static const char *const our_chains[] = {RULE_NFT_CHAIN, RULE_NFT_KNOCK};
enum { OUR_CHAINS = sizeof our_chains / sizeof *our_chains };

/* One table for both families, or one each: 1 or 2 (a kernel may lack IPv6). All that follows is of one. */
static size_t take_apart(const struct rules *rules, struct rules parts[static 2])
{
	parts[0] = parts[1] = *rules;
	if (rules->table6[0] == '\0')
		return 1;
	parts[0].families = RULESET_V4;
	parts[1].families = RULESET_V6;
	memcpy(parts[1].table, rules->table6, sizeof rules->table6);
	return look_families((uint8_t[2]){0});
}

/* By whose packets the table is looked at. */
static uint8_t family_of(const struct rules *rules)
{
	return (rules->families & RULESET_V4) != 0 ? RULESET_V4 : RULESET_V6;
}

/* "{ 53, 443, 20480-32767 }" */
static void print_ports(FILE *out, const struct portset *set)
{
	fputs("{ ", out);
	for (uint32_t i = 0; i < set->n_ranges; i++) {
		fprintf(out, "%s%u", i > 0 ? ", " : "", set->ranges[i].first);
		if (set->ranges[i].first != set->ranges[i].last)
			fprintf(out, "-%u", set->ranges[i].last);
	}
	fputs(" }", out);
}

static void print_set(const struct rules *rules, FILE *out, const char *match,
		      const struct portset *set)
{
	if (set->n_ranges == 0)
		return;
	fprintf(out, "add rule %s " RULE_NFT_CHAIN " %s", rules->table, match);
	print_ports(out, set);
	fputs(" goto " RULE_NFT_KNOCK "\n", out);
}

/* Whose packets a rule is for, of those that meet one end. */
static const struct {
	uint8_t family;
	const char *match;
} families[] = {{RULESET_V4, "meta nfproto ipv4 "}, {RULESET_V6, "meta nfproto ipv6 "}};

/* Does what is closed look the same by both, or is the table of one alone? */
static bool is_alike(const struct rules *rules, bool tcp)
{
	return rules->table6[0] != '\0' || strcmp(rules_closed(rules, RULESET_V4, tcp),
						  rules_closed(rules, RULESET_V6, tcp)) == 0;
}

/* What comes by TCP above the limit is not to be answered as UDP is, below the limit of that. */
static void print_ends_of(const struct rules *rules, FILE *out, uint8_t family, const char *who,
			  const char *limit, const char *log)
{
	const char *tcp = rules_closed(rules, family, true);
	const char *udp = rules_closed(rules, family, false);
	const char *table = rules->table, *of_udp = "";
	if (strcmp(tcp, udp) != 0) {
		fprintf(out, "add rule %s " RULE_NFT_KNOCK " %smeta l4proto tcp %s%s %s\n", table,
			who, limit, log, tcp);
		of_udp = "meta l4proto udp ";
	}
	fprintf(out, "add rule %s " RULE_NFT_KNOCK " %s%s%s%s %s\n", table, who, of_udp, limit, log,
		udp);
}

/* No stranger is to see a difference between this port and another that is closed. */
static void print_ends(const struct rules *rules, FILE *out, const char *limit, const char *log)
{
	if (is_alike(rules, true) && is_alike(rules, false)) {
		print_ends_of(rules, out, family_of(rules), "", limit, log);
		return;
	}
	for (size_t i = 0; i < 2; i++)
		print_ends_of(rules, out, families[i].family, families[i].match, limit, log);
}

/* To NFLOG: what comes slowly to the first group, without delay; a flood to the second, in batches. */
static void print_groups(const struct rules *rules, FILE *out)
{
	const struct source_config *source = rules_nflog(rules->config);
	char limit[80], log[80];
	bool two = source->n_groups > 1;
	snprintf(limit, sizeof limit, "limit rate %d/second burst %d packets ", RULES_CALM_RATE,
		 RULES_CALM_RATE);
	snprintf(log, sizeof log, "log group %u queue-threshold 1", source->groups[0]);
	if (two)
		print_ends(rules, out, limit, log);
	snprintf(log, sizeof log, "log group %u queue-threshold %d", source->groups[two],
		 two ? 64 : 1);
	print_ends(rules, out, "", log);
}

/* How knocks get to posternd. A log of text is not to be filled by strangers. */
static void print_knock_chain(const struct rules *rules, FILE *out)
{
	if (rules_log_text(rules->config))
		fprintf(out,
			"add rule %s " RULE_NFT_KNOCK
			" limit rate %d/second burst %d packets log prefix "
			"\"%s\"\n",
			rules->table, RULES_TEXT_RATE, RULES_TEXT_RATE,
			rules_log_prefix(rules->config));
	if (rules_nflog(rules->config) != NULL)
		print_groups(rules, out);
	else
		print_ends(rules, out, "", "");
}

static void print_granted(const struct rules *rules, FILE *out)
{
	const struct config *config = rules->config;
	const char *match = "meta l4proto . th dport";
	if (config->firewall != CONFIG_NFT)
		return;
	if ((rules->families & RULESET_V4) != 0)
		fprintf(out,
			"add rule %s " RULE_NFT_CHAIN " ct state new ip saddr . %s @%s accept\n",
			rules->table, match, config->set4);
	if ((rules->families & RULESET_V6) != 0)
		fprintf(out,
			"add rule %s " RULE_NFT_CHAIN " ct state new ip6 saddr . %s @%s accept\n",
			rules->table, match, config->set6);
}

static void print_door(const struct rules *rules, FILE *out, const struct door *door)
{
	bool tcp = door->proto == DOOR_TCP, alike = is_alike(rules, tcp);
	for (size_t i = 0; i < (alike ? 1 : 2); i++)
		fprintf(
		    out,
		    "add rule %s " RULE_NFT_CHAIN " %s%s dport %u %s comment \"" RULE_MARK "\"\n",
		    rules->table, alike ? "" : families[i].match, rules_protocol(door), door->port,
		    rules_closed(rules, alike ? family_of(rules) : families[i].family, tcp));
}

static void print_doors(const struct rules *rules, FILE *out)
{
	for (uint32_t i = 0; i < rules->config->n_doors; i++)
		print_door(rules, out, &rules->config->doors[i]);
}

static void print_new_set(FILE *out, const char *table, const char *set, const char *type)
{
	fprintf(out, "add set %s %s { type %s . inet_proto . inet_service; flags timeout; }\n",
		table, set, type);
}

static void print_objects(const struct rules *rules, FILE *out, bool knocks)
{
	const struct config *config = rules->config;
	const char *table = rules->table;
	fprintf(out, "add table %s\n", table);
	if (config->firewall == CONFIG_NFT && (rules->families & RULESET_V4) != 0)
		print_new_set(out, table, config->set4, "ipv4_addr");
	if (config->firewall == CONFIG_NFT && (rules->families & RULESET_V6) != 0)
		print_new_set(out, table, config->set6, "ipv6_addr");
	for (size_t i = 0; i < (knocks ? OUR_CHAINS : 1); i++)
		fprintf(out, "add chain %s %s\nflush chain %s %s\n", table, our_chains[i], table,
			our_chains[i]);
}

/* All of it, in one step. */
static char *table_text(const struct rules *rules)
{
	const struct config *config = rules->config;
	bool knocks = rules_log_knocks(config);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	print_objects(rules, out, knocks);
	fprintf(out, "add rule %s " RULE_NFT_CHAIN " ct state established,related accept\n",
		rules->table);
	print_granted(rules, out);
	if (knocks) {
		print_knock_chain(rules, out);
		/* A sequence goes to its ports by UDP or by TCP's first packets. */
		print_set(rules, out, "udp dport ", &config->spa);
		print_set(rules, out, "udp dport ", &config->sequence);
		print_set(rules, out, "ct state new tcp dport ", &config->sequence);
	}
	if (config->firewall != CONFIG_NONE)
		print_doors(rules, out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* With what the administrator has put there, too, in its order: nobody else makes that chain. */
static char *own_input_text(const struct rules *rules, const struct rules_place *place)
{
	const char *table = rules->table;
	const struct ruleset_rule *rule =
	    place->chain == NULL ? NULL : ruleset_first(&rules->look->ruleset, place->chain);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	fprintf(out,
		"add chain %s " RULES_NFT_INPUT " { type filter hook input priority filter;%s }\n"
		"flush chain %s " RULES_NFT_INPUT "\n",
		table, place->chain != NULL && place->chain->drops ? " policy drop;" : "", table);
	for (; rule != NULL; rule = ruleset_next(&rules->look->ruleset, rule))
		fprintf(out, "add rule %s " RULES_NFT_INPUT " %s\n", table, rule->text);
	if (place->ours == NULL)
		fprintf(out, "add rule %s " RULES_NFT_INPUT " " JUMP "\n", table);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static bool is_own_input(const struct rules_place *place)
{
	return place->chain == NULL || strcmp(place->chain->name, RULES_NFT_INPUT) == 0;
}

/* For a file that lacks the one rule: where it goes among the rules that the file makes, or, where these are not
 * known, where it stands now. Indices count from 0. */
static char *jump_text(const struct rules *rules, const struct placing *in_file)
{
	struct rules_place place = rules_find_place(rules, family_of(rules));
	char *text = NULL;
	int made;
	if (is_own_input(&place))
		return own_input_text(rules, &place);
	const char *chain = place.chain->name;
	uint32_t before =
	    place.ours == NULL || place.ours->number == place.chain->count ? 0 : place.ours->number;
	if (strcmp(in_file->chain, chain) == 0)
		before = in_file->number;
	if (before == 0)
		made = asprintf(&text, "add rule %s %s " JUMP "\n", rules->table, chain);
	else
		made = asprintf(&text, "insert rule %s %s index %u " JUMP "\n", rules->table, chain,
				before - 1);
	return made < 0 ? NULL : text;
}

/* Another start would else open what is forwarded. */
static void print_forward(const struct look *look, FILE *out)
{
	static const char name[] = RULES_NFT_FORWARD " " RULES_NFT_FORWARD_CHAIN;
	const struct ruleset_chain *chain =
	    ruleset_find(&look->ruleset, RULESET_NFT, RULESET_V4 | RULESET_V6, RULES_NFT_FORWARD,
			 RULES_NFT_FORWARD_CHAIN);
	if (chain == NULL)
		return;
	fprintf(out,
		"add table " RULES_NFT_FORWARD "\nadd chain %s " RULES_NFT_FORWARD_HOOK
		"\nflush chain %s\n",
		name, name);
	const struct ruleset_rule *rule = ruleset_first(&look->ruleset, chain);
	for (; rule != NULL; rule = ruleset_next(&look->ruleset, rule))
		fprintf(out, "add rule %s %s\n", name, rule->text);
}

char *rules_nft_file(const struct rules *rules, bool jumps)
{
	struct rules parts[2];
	struct placing in_file[2] = {{.number = 0}};
	size_t n = take_apart(rules, parts), size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);
	bool whole = out != NULL;
	if (jumps)
		placing_in_file(in_file, parts, n);
	for (size_t i = 0; whole && i < n; i++) {
		char *table = table_text(&parts[i]);
		char *jump = jumps ? jump_text(&parts[i], &in_file[i]) : strdup("");
		whole = table != NULL && jump != NULL && fprintf(out, "%s%s", table, jump) > 0;
		free(table);
		free(jump);
	}
	if (whole)
		print_forward(rules->look, out);
	if (out != NULL && fclose(out) == 0 && whole)
		return text;
	free(text);
	return NULL;
}

void rules_nft_needs(char text[static RULES_NEEDS], const struct rules *rules)
{
	struct rules parts[2];
	size_t n = take_apart(rules, parts), used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < n && used < RULES_NEEDS; i++) {
		struct rules_place place = rules_find_place(&parts[i], family_of(&parts[i]));
		if (!is_own_input(&place))
			used += (size_t)snprintf(
			    text + used, RULES_NEEDS - used, "%stable %s with its chain %s",
			    used > 0 ? " and " : "", parts[i].table, place.chain->name);
	}
}

/* The chain is made once: from then on it is the host's, too. */
static void plan_own_input(const struct rules *rules, struct plan *plan)
{
	char *text;
	const char *table = rules->table;
	plan_comment(plan, "This host has no rules of its own on the way in: a chain for ours.");
	plan_command(plan, "nft -f -");
	if (asprintf(&text,
		     "add chain %s " RULES_NFT_INPUT
		     " { type filter hook input priority filter; }\n"
		     "add rule %s " RULES_NFT_INPUT " " JUMP "\n",
		     table, table) < 0)
		text = NULL;
	plan_input(plan, text);
	plan_unless(plan, "jump " RULE_NFT_CHAIN, "nft list chain %s " RULES_NFT_INPUT, table);
}

static void plan_jump(const struct rules *rules, struct plan *plan)
{
	struct rules_place place = rules_find_place(rules, family_of(rules));
	const char *table = rules->table;
	char *text = NULL;
	if (place.chain == NULL) {
		plan_own_input(rules, plan);
		return;
	}
	const char *chain = place.chain->name;
	plan_comment(plan, "It is asked after all that lets in or keeps out by address, and before "
			   "what shuts the doors.");
	if (place.ours != NULL && !place.right) {
		plan_command(plan, "nft delete rule %s %s handle %llu", table, chain,
			     (unsigned long long)place.ours->handle);
		plan_may_fail(plan);
	}
	plan_command(plan, "nft -f -");
	int made = place.number == 0 ? asprintf(&text, "add rule %s %s " JUMP "\n", table, chain)
				     : asprintf(&text, "insert rule %s %s position %llu " JUMP "\n",
						table, chain, (unsigned long long)place.handle);
	plan_input(plan, made < 0 ? NULL : text);
	plan_unless(plan, "jump " RULE_NFT_CHAIN, "nft list chain %s %s", table, chain);
}

void rules_nft(const struct rules *rules, struct plan *plan)
{
	struct rules parts[2];
	size_t n = take_apart(rules, parts);
	for (size_t i = 0; i < n; i++) {
		plan_comment(plan, "---- IPv%s", n == 1 ? "4 and IPv6" : (i == 0 ? "4" : "6"));
		plan_comment(plan,
			     "Postern's own sets and chains: what has begun goes on, a grant lets "
			     "in, knocks are logged, the doors are shut.");
		plan_command(plan, "nft -f -");
		plan_input(plan, table_text(&parts[i]));
		plan_jump(&parts[i], plan);
	}
}

/* ---- and back */

static const struct ruleset_chain *our_chain(const struct rules *rules, const struct look *look,
					     const char *name)
{
	return look == NULL ? NULL
			    : ruleset_find(&look->ruleset, RULESET_NFT, RULESET_V4 | RULESET_V6,
					   rules->table, name);
}

static void print_chain_before(const struct rules *rules, const struct look *before, FILE *out,
			       const char *name)
{
	const struct ruleset_chain *chain = our_chain(rules, before, name);
	if (chain == NULL)
		return;
	const struct ruleset_rule *rule = ruleset_first(&before->ruleset, chain);
	for (; rule != NULL; rule = ruleset_next(&before->ruleset, rule))
		fprintf(out, "add rule %s %s %s\n", chain->table, name, rule->text);
}

static bool has_table(const struct rules *rules, const struct look *look)
{
	for (uint32_t i = 0; look != NULL && i < look->ruleset.n_chains; i++)
		if (look->ruleset.chains[i].maker == RULESET_NFT &&
		    strcmp(look->ruleset.chains[i].table, rules->table) == 0)
			return true;
	return false;
}

/* Is there nothing in it of other hands than ours? */
static bool is_own_chain(const struct rules *rules, const struct ruleset_chain *chain)
{
	const struct ruleset_rule *rule = ruleset_first(&rules->look->ruleset, chain);
	if (rule_is_our_chain(chain->name) || rule_is_knock_chain(chain->name))
		return true;
	if (chain->maker != RULESET_NFT)
		return false;
	if (chain->name[0] == '\0')
		return true; /* itself */
	if (chain->name[0] == '@')
		return rule_is_our_set(chain->name + 1, rules->config, CONFIG_NFT);
	while (rule != NULL && look_is_ours(chain, rule))
		rule = ruleset_next(&rules->look->ruleset, rule);
	return strcmp(chain->name, RULES_NFT_INPUT) == 0 && rule == NULL && !chain->drops;
}

/* iptables-nft calls "filter" what is nft's "ip filter". */
static bool is_of_table(const struct rules *rules, const struct ruleset_chain *chain)
{
	const char *name = strchr(rules->table, ' ');
	if (chain->maker == RULESET_NFT)
		return strcmp(chain->table, rules->table) == 0;
	return chain->maker == RULESET_COMPAT && name != NULL &&
	       strcmp(chain->table, name + 1) == 0 &&
	       strncmp(rules->table, chain->families == RULESET_V6 ? "ip6 " : "ip ",
		       (size_t)(name + 1 - rules->table)) == 0;
}

static bool is_own_table(const struct rules *rules)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	for (uint32_t i = 0; i < ruleset->n_chains; i++)
		if (is_of_table(rules, &ruleset->chains[i]) &&
		    !is_own_chain(rules, &ruleset->chains[i]))
			return false;
	return true;
}

static void print_set_removal(const struct rules *rules, const struct look *before, FILE *out,
			      const char *set)
{
	char name[CONFIG_SET + 1];
	snprintf(name, sizeof name, "@%s", set);
	if (rules->config->firewall == CONFIG_NFT && our_chain(rules, rules->look, name) != NULL &&
	    our_chain(rules, before, name) == NULL && rules_asking(rules, set) == NULL)
		fprintf(out, "delete set %s %s\n", rules->table, set);
}

/* Chains that lead to others first. */
static void print_removal(const struct rules *rules, const struct look *before, FILE *out)
{
	const char *table = rules->table;
	for (size_t i = 0; i < OUR_CHAINS; i++)
		if (our_chain(rules, rules->look, our_chains[i]) != NULL)
			fprintf(out, "flush chain %s %s\n", table, our_chains[i]);
	for (size_t i = OUR_CHAINS; i-- > 0;)
		print_chain_before(rules, before, out, our_chains[i]);
	for (size_t i = 0; i < OUR_CHAINS; i++)
		if (our_chain(rules, rules->look, our_chains[i]) != NULL &&
		    our_chain(rules, before, our_chains[i]) == NULL)
			fprintf(out, "delete chain %s %s\n", table, our_chains[i]);
	print_set_removal(rules, before, out, rules->config->set4);
	print_set_removal(rules, before, out, rules->config->set6);
}

/* Of all rules, as there may be more than one, or of other hands; null: no more. */
static const struct ruleset_rule *next_leading(const struct rules *rules, const struct look *look,
					       const struct ruleset_rule *after)
{
	return look == NULL ? NULL
			    : rules_leading(rules, look, after, family_of(rules), rules->table,
					    our_chains, OUR_CHAINS);
}

/* Is it there as well? A rule that stays keeps its handle, which no other of its table gets. */
static bool has_rule(const struct rules *rules, const struct look *look,
		     const struct ruleset_rule *rule)
{
	for (uint32_t i = 0; look != NULL && i < look->ruleset.n_rules; i++) {
		const struct ruleset_rule *other = &look->ruleset.rules[i];
		const struct ruleset_chain *chain = &look->ruleset.chains[other->chain];
		if (other->handle == rule->handle && chain->maker == RULESET_NFT &&
		    strcmp(chain->table, rules->table) == 0)
			return true;
	}
	return false;
}

static void print_jumps_back(const struct rules *rules, const struct look *before, FILE *out)
{
	const struct ruleset_rule *rule = NULL;
	while ((rule = next_leading(rules, before, rule)) != NULL) {
		const char *chain = before->ruleset.chains[rule->chain].name;
		const struct ruleset_rule *next = rule;
		if (has_rule(rules, rules->look, rule))
			continue;
		while (next != NULL && !has_rule(rules, rules->look, next))
			next = ruleset_next(&before->ruleset, next);
		if (next != NULL)
			fprintf(out, "insert rule %s %s position %llu %s\n", rules->table, chain,
				(unsigned long long)next->handle, rule->text);
		else
			fprintf(out, "add rule %s %s %s\n", rules->table, chain, rule->text);
	}
}

static void print_jump_removal(const struct rules *rules, const struct look *before, FILE *out)
{
	const struct ruleset_rule *rule = NULL;
	while ((rule = next_leading(rules, rules->look, rule)) != NULL)
		if (!has_rule(rules, before, rule))
			fprintf(out, "delete rule %s %s handle %llu\n", rules->table,
				rules->look->ruleset.chains[rule->chain].name,
				(unsigned long long)rule->handle);
	const struct ruleset_chain *input = our_chain(rules, rules->look, RULES_NFT_INPUT);
	if (input != NULL && our_chain(rules, before, RULES_NFT_INPUT) == NULL &&
	    is_own_chain(rules, input))
		fprintf(out, "delete chain %s " RULES_NFT_INPUT "\n", rules->table);
	print_jumps_back(rules, before, out);
}

static void plan_part_removal(const struct rules *rules, const struct look *before,
			      struct plan *plan)
{
	char *text = NULL;
	size_t size;
	if (!has_table(rules, rules->look))
		return;
	if (!has_table(rules, before) && is_own_table(rules)) {
		plan_command(plan, "nft delete table %s", rules->table);
		return; /* all of it is ours */
	}
	FILE *out = open_memstream(&text, &size);
	if (out != NULL) {
		print_jump_removal(rules, before, out);
		print_removal(rules, before, out);
		fclose(out);
	}
	if (text != NULL && *text == '\0') {
		free(text);
		return; /* nothing of it is */
	}
	plan_command(plan, "nft -f -");
	plan_input(plan, text);
}

void rules_nft_removal(const struct rules *rules, const struct look *before, struct plan *plan)
{
	struct rules parts[2];
	size_t n = take_apart(rules, parts);
	for (size_t i = 0; i < n; i++)
		plan_part_removal(&parts[i], before, plan);
}
