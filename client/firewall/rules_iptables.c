/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_iptables.h"

#include <stdlib.h>
#include <string.h>

#include "backends.h"
#include "program.h"

/* xt_multiport takes 15 places, of which a range takes two. */
enum { MULTIPORT_PLACES = 15 };

#define JUMP "! -i lo -m comment --comment " RULE_MARK " -j " RULE_CHAIN

static const char *const our_chains[] = {RULE_CHAIN, RULE_KNOCK, RULE_CALM};
enum { OUR_CHAINS = sizeof our_chains / sizeof *our_chains };

/* ---- the text that iptables-restore takes */

/* No stranger is to see a difference between this port and another that is closed. */
static void print_ends(const struct rules *rules, FILE *out, const char *chain, uint8_t family)
{
	const char *tcp = rules_closed(rules, family, true);
	const char *other = rules_closed(rules, family, false);
	if (strcmp(tcp, other) != 0)
		fprintf(out, "-A %s -p tcp -j %s\n", chain, tcp);
	fprintf(out, "-A %s -j %s\n", chain, other);
}

/* To NFLOG: what comes slowly to the first group, without delay; a flood to the second, in batches. */
static void print_groups(const struct rules *rules, FILE *out, uint8_t family)
{
	const struct source_config *source = rules_nflog(rules->config);
	bool two = source->n_groups > 1;
	if (two) {
		fputs(":" RULE_CALM " - [0:0]\n", out);
		fprintf(out, "-A " RULE_CALM " -j NFLOG --nflog-group %u --nflog-threshold 1\n",
			source->groups[0]);
		print_ends(rules, out, RULE_CALM, family);
		fprintf(out,
			"-A " RULE_KNOCK " -m limit --limit %d/second --limit-burst %d "
			"-g " RULE_CALM "\n",
			RULES_CALM_RATE, RULES_CALM_RATE);
	}
	fprintf(out, "-A " RULE_KNOCK " -j NFLOG --nflog-group %u --nflog-threshold %d\n",
		source->groups[two], two ? 64 : 1);
}

/* How knocks get to posternd. A log of text is not to be filled by strangers. */
static void print_knock_chains(const struct rules *rules, FILE *out, uint8_t family)
{
	fputs(":" RULE_KNOCK " - [0:0]\n", out);
	if (rules_log_text(rules->config))
		fprintf(out,
			"-A " RULE_KNOCK " -m limit --limit %d/second --limit-burst %d -j LOG "
			"--log-prefix \"%s\"\n",
			RULES_TEXT_RATE, RULES_TEXT_RATE, rules_log_prefix(rules->config));
	if (rules_nflog(rules->config) != NULL)
		print_groups(rules, out, family);
	print_ends(rules, out, RULE_KNOCK, family);
}

/* Some ports of the set, from this range on, as many as one rule takes. Returns the range after. */
static uint32_t print_ports(FILE *out, const struct portset *set, uint32_t range)
{
	int places = MULTIPORT_PLACES;
	for (; range < set->n_ranges; range++) {
		bool single = set->ranges[range].first == set->ranges[range].last;
		bool first = places == MULTIPORT_PLACES;
		places -= single ? 1 : 2;
		if (places < 0)
			break;
		fprintf(out, "%s%u", first ? "" : ",", set->ranges[range].first);
		if (!single)
			fprintf(out, ":%u", set->ranges[range].last);
	}
	return range;
}

static void print_set(FILE *out, const char *match, const struct portset *set)
{
	for (uint32_t range = 0; range < set->n_ranges;) {
		fprintf(out, "-A " RULE_CHAIN " -p %s -m multiport --dports ", match);
		range = print_ports(out, set, range);
		fputs(" -g " RULE_KNOCK "\n", out);
	}
}

/* What a grant lets in. */
static void print_granted(const struct rules *rules, FILE *out, uint8_t family)
{
	const struct config *config = rules->config;
	if (config->firewall == CONFIG_IPSET)
		fprintf(out,
			"-A " RULE_CHAIN " -m conntrack --ctstate NEW -m set --match-set %s "
			"src,dst -j ACCEPT\n",
			family == RULESET_V4 ? config->set4 : config->set6);
	else if (config->firewall == CONFIG_IPTC && strcmp(config->table, "filter") == 0)
		fprintf(out, "-A " RULE_CHAIN " -m conntrack --ctstate NEW -j %s\n", config->chain);
	else if (config->firewall == CONFIG_IPTC)
		fprintf(out, "-A " RULE_CHAIN " -m mark --mark 0x%x/0x%x -j ACCEPT\n", config->mark,
			config->mark);
}

static void print_doors(const struct rules *rules, FILE *out, uint8_t family)
{
	for (uint32_t i = 0; i < rules->config->n_doors; i++) {
		const struct door *door = &rules->config->doors[i];
		fprintf(out,
			"-A " RULE_CHAIN " -p %s --dport %u -m comment --comment " RULE_MARK
			" -j %s\n",
			rules_protocol(door), door->port,
			rules_closed(rules, family, door->proto == DOOR_TCP));
	}
}

/* The chains: they are emptied and filled by it. */
static void print_chains(const struct rules *rules, FILE *out, uint8_t family)
{
	const struct config *config = rules->config;
	fputs(":" RULE_CHAIN " - [0:0]\n", out);
	fputs("-A " RULE_CHAIN " -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n", out);
	print_granted(rules, out, family);
	if (rules_log_knocks(config)) {
		print_knock_chains(rules, out, family);
		/* A sequence goes to its ports by UDP or by TCP's first packets. */
		print_set(out, "udp", &config->spa);
		print_set(out, "udp", &config->sequence);
		print_set(out, "tcp --syn", &config->sequence);
	}
	if (config->firewall != CONFIG_NONE)
		print_doors(rules, out, family);
}

char *rules_iptables_text(const struct rules *rules, uint8_t family, const char *from)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	if (from == NULL)
		fputs("*filter\n", out);
	print_chains(rules, out, family);
	if (from == NULL)
		fputs("COMMIT\n", out);
	else
		fprintf(out, "-A %s " JUMP "\n", from);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* ---- the plan */

/* What the filter's rules need to be there. */
static void plan_backend(const struct rules *rules, struct plan *plan, const char *command,
			 uint8_t family)
{
	const struct config *config = rules->config;
	if (config->firewall == CONFIG_IPSET) {
		plan_comment(plan, "The set that grants are elements of.");
		plan_command(plan, "ipset create %s hash:ip,port family inet%s " RULES_SET,
			     family == RULESET_V4 ? config->set4 : config->set6,
			     family == RULESET_V4 ? "" : "6");
	} else if (config->firewall == CONFIG_IPTC) {
		plan_comment(plan, "The chain that posternd fills: what it marks may pass.");
		plan_command(plan, "%s -w -t %s -N %s", command, config->table, config->chain);
		plan_unless(plan, NULL, "%s -w -t %s -n -L %s", command, config->table,
			    config->chain);
		if (strcmp(config->table, "filter") == 0)
			return;
		plan_command(plan, "%s -w -t %s -A INPUT -m conntrack --ctstate NEW -j %s", command,
			     config->table, config->chain);
		plan_unless(plan, NULL, "%s -w -t %s -C INPUT -m conntrack --ctstate NEW -j %s",
			    command, config->table, config->chain);
	}
}

static void plan_jump(const struct rules *rules, struct plan *plan, const char *command,
		      uint8_t family)
{
	struct rules_place place = rules_find_place(rules, family);
	const char *chain = place.chain != NULL ? place.chain->name : "INPUT";
	uint32_t number = place.number;
	plan_comment(plan,
		     "They are asked after all that lets in or keeps out by address, and before "
		     "what shuts the doors.");
	if (place.ours != NULL && !place.right) {
		plan_command(plan, "%s -w -D %s " JUMP, command, chain);
		plan_may_fail(plan);
		number -= number > place.ours->number;
	}
	if (number == 0)
		plan_command(plan, "%s -w -A %s " JUMP, command, chain);
	else
		plan_command(plan, "%s -w -I %s %u " JUMP, command, chain, number);
	plan_unless(plan, NULL, "%s -w -C %s " JUMP, command, chain);
}

static void plan_family(const struct rules *rules, struct plan *plan, uint8_t family)
{
	char command[LOOK_COMMAND], restore[LOOK_COMMAND];
	look_command(command, rules->command, family, "");
	look_command(restore, rules->command, family, "-restore");
	plan_comment(plan, "---- IPv%d", family == RULESET_V4 ? 4 : 6);
	plan_backend(rules, plan, command, family);
	plan_comment(plan,
		     "Postern's own chains: what has begun goes on, a grant lets in, knocks are "
		     "logged, the doors are shut.");
	plan_command(plan, "%s -w -n", restore);
	plan_input(plan, rules_iptables_text(rules, family, NULL));
	plan_jump(rules, plan, command, family);
}

void rules_iptables(const struct rules *rules, struct plan *plan)
{
	uint8_t families[2];
	size_t n = look_families(families);
	for (size_t i = 0; i < n; i++)
		plan_family(rules, plan, families[i]);
}

/* ---- and back */

/* Chains of ours that stand in the look's filter. */
static bool has_chain(const struct look *look, const struct rules *rules, uint8_t family,
		      const char *table, const char *name)
{
	return look != NULL &&
	       ruleset_find(&look->ruleset, rules->keeper, family, table, name) != NULL;
}

/* For iptables-restore -c. */
static const char *counted(const struct ruleset_rule *rule)
{
	return rule->counters == NULL ? "[0:0]" : rule->counters;
}

/* As they were, with what they had counted; null: none of them was there. */
static char *text_before(const struct rules *rules, const struct look *before, uint8_t family)
{
	const struct ruleset *ruleset = &before->ruleset;
	char *text = NULL;
	size_t size, n = 0;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	fputs("*filter\n", out);
	for (size_t i = 0; i < OUR_CHAINS; i++)
		if (has_chain(before, rules, family, "filter", our_chains[i])) {
			fprintf(out, ":%s - [0:0]\n", our_chains[i]);
			n++;
		}
	for (size_t i = 0; i < OUR_CHAINS; i++) {
		const struct ruleset_chain *chain =
		    ruleset_find(ruleset, rules->keeper, family, "filter", our_chains[i]);
		if (chain == NULL)
			continue;
		const struct ruleset_rule *rule = ruleset_first(ruleset, chain);
		for (; rule != NULL; rule = ruleset_next(ruleset, rule))
			fprintf(out, "%s -A %s %s\n", counted(rule), chain->name, rule->text);
	}
	fputs("COMMIT\n", out);
	if (fclose(out) == 0 && n > 0)
		return text;
	free(text);
	return NULL;
}

/* Rules that lead to Postern's chains: there may be more than one, or of other hands. */
struct leading {
	const struct rules *rules;
	uint8_t family;
	const char *table;
	const char *const *chains;
	size_t n;
};

static const struct ruleset_rule *next_leading(const struct leading *leading,
					       const struct look *look,
					       const struct ruleset_rule *after)
{
	return look == NULL ? NULL
			    : rules_leading(leading->rules, look, after, leading->family,
					    leading->table, leading->chains, leading->n);
}

static const char *chain_of(const struct look *look, const struct ruleset_rule *rule)
{
	return look->ruleset.chains[rule->chain].name;
}

/* Do the same stand at the same places? */
static bool is_same_leading(const struct leading *leading, const struct look *before)
{
	const struct look *look = leading->rules->look;
	const struct ruleset_rule *now = NULL, *then = NULL;
	do {
		now = next_leading(leading, look, now);
		then = next_leading(leading, before, then);
		if (now == NULL || then == NULL)
			return now == then;
	} while (now->number == then->number && strcmp(now->text, then->text) == 0 &&
		 strcmp(chain_of(look, now), chain_of(before, then)) == 0);
	return false;
}

/* All out, else the chains could not go; and in again those that stood there before, where they did. */
static char *leading_text(const struct leading *leading, const struct look *before)
{
	const struct look *look = leading->rules->look;
	const struct ruleset_rule *rule = NULL;
	char *text = NULL;
	size_t size;
	FILE *out = is_same_leading(leading, before) ? NULL : open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	fprintf(out, "*%s\n", leading->table);
	while ((rule = next_leading(leading, look, rule)) != NULL)
		fprintf(out, "-D %s %s\n", chain_of(look, rule), rule->text);
	while ((rule = next_leading(leading, before, rule)) != NULL)
		fprintf(out, "%s -I %s %u %s\n", counted(rule), chain_of(before, rule),
			rule->number, rule->text);
	fputs("COMMIT\n", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void plan_restore(const struct rules *rules, struct plan *plan, uint8_t family, char *text)
{
	char restore[LOOK_COMMAND];
	if (text == NULL)
		return;
	look_command(restore, rules->command, family, "-restore");
	plan_command(plan, "%s -w -n -c", restore);
	plan_input(plan, text);
}

static void plan_leading_back(const struct rules *rules, const struct look *before,
			      struct plan *plan, uint8_t family, const char *table,
			      const char *const chains[], size_t n)
{
	const struct leading leading = {
	    .rules = rules, .family = family, .table = table, .chains = chains, .n = n};
	plan_restore(rules, plan, family, leading_text(&leading, before));
}

/* The backend's chain may be one of them. */
static void plan_jumps_back(const struct rules *rules, const struct look *before, struct plan *plan,
			    uint8_t family)
{
	const struct config *config = rules->config;
	const char *chains[OUR_CHAINS + 1] = {[OUR_CHAINS] = config->chain};
	bool filter = config->firewall == CONFIG_IPTC && strcmp(config->table, "filter") == 0;
	memcpy(chains, our_chains, sizeof our_chains);
	plan_leading_back(rules, before, plan, family, "filter", chains, OUR_CHAINS + filter);
}

static void plan_chains_back(const struct rules *rules, const struct look *before,
			     struct plan *plan, const char *command, uint8_t family)
{
	for (size_t i = 0; i < OUR_CHAINS; i++)
		if (has_chain(rules->look, rules, family, "filter", our_chains[i]))
			plan_command(plan, "%s -w -F %s", command, our_chains[i]);
	for (size_t i = 0; i < OUR_CHAINS; i++)
		if (has_chain(rules->look, rules, family, "filter", our_chains[i]) &&
		    !has_chain(before, rules, family, "filter", our_chains[i]))
			plan_command(plan, "%s -w -X %s", command, our_chains[i]);
	if (before != NULL)
		plan_restore(rules, plan, family, text_before(rules, before, family));
}

/* firewalld itself takes out what it knows and its files have no more, and fails if that is gone. */
static void plan_set_back(const struct rules *rules, const struct look *before, struct plan *plan,
			  const char *set, uint8_t family)
{
	if (!rules->look->firewalld) {
		plan_command(plan, "ipset destroy %s", set);
	} else if (before != NULL || has_chain(rules->look, rules, family, "filter", RULE_CHAIN)) {
		plan_command(plan, "ipset flush %s", set);
		plan_command(plan, "ipset destroy %s", set);
		plan_unless(plan, NULL, "firewall-cmd --info-ipset=%s", set);
	}
}

static void plan_chain_back(const struct rules *rules, const struct look *before, struct plan *plan,
			    const char *command, uint8_t family, const char *table)
{
	const char *chain = rules->config->chain;
	bool had = has_chain(before, rules, family, table, chain);
	if (strcmp(table, "filter") != 0)
		plan_leading_back(rules, before, plan, family, table, (const char *const[]){chain},
				  1);
	if (has_chain(rules->look, rules, family, table, chain) && !had) {
		plan_command(plan, "%s -w -t %s -F %s", command, table, chain);
		plan_command(plan, "%s -w -t %s -X %s", command, table, chain);
	}
}

/* What iptc has had before there was another backend. */
static void plan_former_back(const struct rules *rules, struct plan *plan, const char *command,
			     uint8_t family)
{
	struct config config = *rules->config;
	struct rules former = *rules;
	backends_set(&config, CONFIG_IPTC);
	former.config = &config;
	plan_chain_back(&former, NULL, plan, command, family, config.table);
}

static void plan_backend_back(const struct rules *rules, const struct look *before,
			      struct plan *plan, const char *command, uint8_t family)
{
	const struct config *config = rules->config;
	const char *set = family == RULESET_V4 ? config->set4 : config->set6;
	if (config->firewall == CONFIG_IPSET && look_has_set(rules->look, set) &&
	    (before == NULL || !look_has_set(before, set)) && rules_asking(rules, set) == NULL)
		plan_set_back(rules, before, plan, set, family);
	if (config->firewall == CONFIG_IPTC)
		plan_chain_back(rules, before, plan, command, family, config->table);
	else if (before == NULL && rules->keeper == RULESET_LEGACY)
		plan_former_back(rules, plan, command, family);
}

/* iptables-nft made the table for the first rule in it; or to list what it has, and then it is not ours. */
static void plan_table_back(const struct rules *rules, const struct look *before, struct plan *plan,
			    uint8_t family)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	bool ours = false, used = false, jump = rules_find_place(rules, family).ours != NULL;
	if (rules->keeper != RULESET_COMPAT || !program_exists("nft") ||
	    has_chain(before, rules, family, "filter", "INPUT"))
		return;
	for (uint32_t i = 0; i < ruleset->n_chains; i++) {
		const struct ruleset_chain *chain = &ruleset->chains[i];
		if (chain->maker != rules->keeper || chain->families != family ||
		    strcmp(chain->table, "filter") != 0)
			continue;
		bool only_jump = chain->count == 1 && jump && strcmp(chain->name, "INPUT") == 0;
		bool own =
		    only_jump || rule_is_our_chain(chain->name) || rule_is_knock_chain(chain->name);
		ours |= own;
		used |= chain->drops || (chain->count > 0 && !own);
	}
	if (ours && !used)
		plan_command(plan, "nft delete table %s filter",
			     family == RULESET_V4 ? "ip" : "ip6");
}

void rules_iptables_removal(const struct rules *rules, const struct look *before, struct plan *plan)
{
	uint8_t families[2];
	size_t n = look_families(families);
	for (size_t i = 0; i < n; i++) {
		char command[LOOK_COMMAND];
		look_command(command, rules->command, families[i], "");
		plan_jumps_back(rules, before, plan, families[i]);
		plan_chains_back(rules, before, plan, command, families[i]);
		plan_backend_back(rules, before, plan, command, families[i]);
		plan_table_back(rules, before, plan, families[i]);
	}
}
