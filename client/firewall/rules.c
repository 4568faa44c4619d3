/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"
#include "rules_firewalld.h"
#include "rules_iptables.h"
#include "rules_nft.h"
#include "rules_ufw.h"

#include <stdio.h>
#include <string.h>

const struct source_config *rules_nflog(const struct config *config)
{
	for (uint32_t i = 0; i < config->n_sources; i++)
		if (config->sources[i].kind == SOURCE_NFLOG && config->sources[i].n_groups > 0)
			return &config->sources[i];
	return NULL;
}

bool rules_log_text(const struct config *config)
{
	for (uint32_t i = 0; i < config->n_sources; i++)
		if (config->sources[i].kind == SOURCE_LOG)
			return true;
	return false;
}

/* rsyslog puts into ufw.log what begins as lines of ufw's own do, and nothing else. */
const char *rules_log_prefix(const struct config *config)
{
	for (uint32_t i = 0; i < config->n_sources; i++) {
		const char *name = strrchr(config->sources[i].file, '/');
		if (config->sources[i].kind == SOURCE_LOG && name != NULL &&
		    strcmp(name, "/ufw.log") == 0)
			return "[UFW POSTERN] ";
	}
	return "postern ";
}

bool rules_log_knocks(const struct config *config)
{
	return (rules_nflog(config) != NULL || rules_log_text(config)) &&
	       config->spa.count + config->sequence.count > 0;
}

const char *rules_protocol(const struct door *door)
{
	return door->proto == DOOR_TCP ? "tcp" : door->proto == DOOR_UDP ? "udp" : "sctp";
}

/* Where a rule says that it rejects; null: it does not. What is quoted says nothing. */
static const char *find_reject(const char *text, bool nft)
{
	char word[RULE_WORD], before[RULE_WORD] = "";
	const char *at = text + strspn(text, " "), *rest = at;
	while (rule_word(word, &rest, nft)) {
		if (nft ? !rule_string(at, nft) && strcmp(word, "reject") == 0
			: strcmp(word, "REJECT") == 0 && strcmp(before, "-j") == 0)
			return at;
		memcpy(before, word, sizeof before);
		at = rest += strspn(rest, " ");
	}
	return NULL;
}

/* The words of a rule with which it rejects, in the language of ours. */
static void copy_reject(const struct rules *rules, char closed[static RULES_CLOSED],
			const struct trace_result *result)
{
	bool nft = rules->keeper == RULESET_NFT;
	const char *words = find_reject(result->rule->text, nft);
	if (words == NULL || (result->chain->maker == RULESET_NFT) != nft ||
	    (rules->table6[0] != '\0' && strstr(words, "icmpx") != NULL)) /* inet's word */
		return;
	size_t length = strlen(words);
	const char *comment = strstr(words, " comment ");
	if (comment != NULL)
		length = (size_t)(comment - words);
	if (length < RULES_CLOSED)
		snprintf(closed, RULES_CLOSED, "%.*s", (int)length, words);
}

/* A port that nothing of the host names: what it does with the first packet of a connection to that, it
 * does to all closed ports. What it lets in, the kernel refuses where nobody listens. */
static void find_closed(struct rules *rules, uint8_t family, bool tcp)
{
	char *closed = rules->closed[family == RULESET_V6][!tcp];
	bool nft = rules->keeper == RULESET_NFT;
	struct rule_packet packet = {
	    .family = family, .proto = tcp ? DOOR_TCP : DOOR_UDP, .port = 1, .without_ours = true};
	struct trace_result result = {.end = TRACE_DROPPED};
	if (rules->look != NULL)
		result = trace_packet(&rules->look->ruleset, &packet, rules->config, NULL, NULL);
	snprintf(closed, RULES_CLOSED, "%s",
		 result.end == TRACE_DROPPED ? (nft ? "drop" : "DROP")
		 : nft ? (tcp ? "reject with tcp reset" : "reject") /* port-unreachable */
		       : (tcp ? "REJECT --reject-with tcp-reset" : "REJECT"));
	if (result.end == TRACE_REJECTED)
		copy_reject(rules, closed, &result);
}

const char *rules_closed(const struct rules *rules, uint8_t family, bool tcp)
{
	return rules->closed[family == RULESET_V6][!tcp];
}

/* What bans has a table of its own, and what firewalld has is nobody else's. */
static bool is_fit(const struct ruleset_chain *chain, const char *family)
{
	return chain->maker == RULESET_NFT && strncmp(chain->table, family, strlen(family)) == 0 &&
	       strstr(chain->table, "f2b") == NULL && strlen(chain->table) < CONFIG_TABLE &&
	       strcmp(chain->table, LOOK_FIREWALLD_TABLE) != 0;
}

/* The first of nftables' that lets in or keeps out, of this family; false: there is none. */
static bool find_table(char table[static CONFIG_TABLE], const struct look *look, const char *family)
{
	for (uint32_t i = 0; look != NULL && i < look->ruleset.n_chains; i++) {
		const struct ruleset_chain *chain = &look->ruleset.chains[i];
		if (chain->hook != RULESET_INPUT || !is_fit(chain, family))
			continue;
		memcpy(table, chain->table, strlen(chain->table) + 1);
		return true;
	}
	return false;
}

/* Of several the one that keeps out what nobody wants; where none does, that decides about a door. What is let
 * in by a table before it, it would keep out still. */
static bool find_decider(char table[static CONFIG_TABLE], const struct look *look,
			 const struct config *config, uint8_t family, const char *named)
{
	struct rule_packet packet = {
	    .family = family, .proto = DOOR_TCP, .port = 1, .without_ours = true};
	struct trace_result result = trace_packet(&look->ruleset, &packet, config, NULL, NULL);
	if (result.end == TRACE_ACCEPTED) {
		packet.proto = config->doors[0].proto;
		packet.port = config->doors[0].port;
		result = trace_packet(&look->ruleset, &packet, config, NULL, NULL);
	}
	if (result.base == NULL || result.base->hook == RULESET_PREROUTING ||
	    strcmp(result.chain->name, RULES_NFT_INPUT) == 0 || !is_fit(result.chain, named))
		return false;
	memcpy(table, result.chain->table, strlen(result.chain->table) + 1);
	return true;
}

void rules_find_tables(char table[static CONFIG_TABLE], char table6[static CONFIG_TABLE],
		       const struct look *look, const struct config *config)
{
	bool seen = look != NULL;
	table6[0] = '\0';
	if (seen && find_decider(table, look, config, RULESET_V4, "inet "))
		return;
	bool v4 = seen && find_decider(table, look, config, RULESET_V4, "ip ");
	bool v6 = seen && find_decider(table6, look, config, RULESET_V6, "ip6 ");
	if (!v4 && !v6 && find_table(table, look, "inet "))
		return;
	v4 = v4 || find_table(table, look, "ip ");
	v6 = v6 || find_table(table6, look, "ip6 ");
	if (!v4 && !v6)
		snprintf(table, CONFIG_TABLE, "inet postern");
	else if (!v4) /* one of the same name */
		snprintf(table, CONFIG_TABLE, "ip %s", table6 + strlen("ip6 "));
	else if (!v6)
		snprintf(table6, CONFIG_TABLE, "ip6 %.*s", CONFIG_TABLE - 8, table + strlen("ip "));
}

const char *rules_table(const struct rules *rules, uint8_t family)
{
	return family == RULESET_V6 && rules->table6[0] != '\0' ? rules->table6 : rules->table;
}

void rules_start(struct rules *rules, const struct config *config, const struct look *look,
		 enum ruleset_maker keeper)
{
	*rules = (struct rules){
	    .config = config, .look = look, .keeper = keeper, .families = RULESET_V4 | RULESET_V6};
	if (config->firewall == CONFIG_NFT) {
		snprintf(rules->table, sizeof rules->table, "%s", config->table);
		snprintf(rules->table6, sizeof rules->table6, "%s", config->table6);
	} else if (keeper == RULESET_NFT)
		rules_find_tables(rules->table, rules->table6, look, config);
	if (look == NULL)
		rules->command = keeper == RULESET_LEGACY ? "iptables-legacy" : "iptables";
	else if (keeper != RULESET_NFT)
		rules->command = look->commands[keeper];
	for (int tcp = 0; tcp < 2; tcp++) {
		find_closed(rules, RULESET_V4, tcp);
		find_closed(rules, RULESET_V6, tcp);
	}
}

void rules_plan(const struct rules *rules, struct plan *plan)
{
	if (rules->keeper == RULESET_NFT)
		rules_nft(rules, plan);
	else
		rules_iptables(rules, plan);
}

void rules_plan_removal(const struct rules *rules, const struct look *before, struct plan *plan)
{
	if (rules->keeper == RULESET_NFT)
		rules_nft_removal(rules, before, plan);
	else
		rules_iptables_removal(rules, before, plan);
}

static bool has_firewalld(const struct rules *rules)
{
	return rules->look != NULL && rules->keeper != RULESET_NFT && rules->look->firewalld &&
	       !rules->look->firewalld_nft;
}

static bool has_ufw(const struct rules *rules)
{
	return rules->look != NULL && rules->keeper != RULESET_NFT && rules->look->ufw;
}

bool rules_have_files(const struct rules *rules)
{
	return has_ufw(rules) || has_firewalld(rules);
}

int rules_edit(const struct rules *rules, struct edits *edits, bool put, struct error *error)
{
	if (has_ufw(rules) && rules_ufw(rules, edits, put, error) != 0)
		return -1;
	return has_firewalld(rules) ? rules_firewalld(rules, edits, put, error) : 0;
}

static bool is_asked_by(const struct rules *rules, const struct ruleset_chain *chain,
			const char *set, const char *text)
{
	char word[CONFIG_SET + 1];
	bool nft = rules->keeper == RULESET_NFT;
	bool here =
	    strcmp(chain->table, rules->table) == 0 || strcmp(chain->table, rules->table6) == 0;
	if ((chain->maker == RULESET_NFT) != nft || (nft && !here))
		return false;
	snprintf(word, sizeof word, "%s%s", nft ? "@" : "", set);
	return rule_has_word(text, word, nft);
}

const struct ruleset_rule *rules_asking(const struct rules *rules, const char *set)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	for (uint32_t i = 0; i < ruleset->n_rules; i++) {
		const struct ruleset_chain *chain = &ruleset->chains[ruleset->rules[i].chain];
		if (!rule_is_our_chain(chain->name) && !rule_is_knock_chain(chain->name) &&
		    is_asked_by(rules, chain, set, ruleset->rules[i].text))
			return &ruleset->rules[i];
	}
	return NULL;
}

/* ---- the place */

/* The last rule of the chain that a packet came to: if it was decided there, by this. */
struct passage {
	const struct ruleset_chain *chain;
	const struct ruleset_rule *last;
	const struct ruleset_chain *base;
};

static void note_passage(void *context, const struct trace_step *step)
{
	struct passage *passage = context;
	if (step->chain != passage->chain || !step->certain)
		return;
	passage->last = step->rule;
	passage->base = step->base;
}

/* Brings the place forward, to before the rule of the chain that decides about this packet. */
static void stand_before(const struct rules *rules, struct rules_place *place,
			 const struct rule_packet *packet)
{
	struct passage passage = {.chain = place->chain};
	struct trace_result result =
	    trace_packet(&rules->look->ruleset, packet, rules->config, note_passage, &passage);
	if (result.rule == NULL || passage.last == NULL ||
	    result.chain->maker != place->chain->maker)
		return;
	if (place->number == 0 || passage.last->number < place->number) {
		place->number = passage.last->number;
		place->handle = passage.last->handle;
		place->chooses = result.base == passage.base ? result.chooses : NULL;
	}
}

static void stand_before_doors(const struct rules *rules, struct rules_place *place,
			       struct rule_packet packet)
{
	for (uint32_t i = 0; i < rules->config->n_doors; i++) {
		packet.proto = rules->config->doors[i].proto;
		packet.port = rules->config->doors[i].port;
		stand_before(rules, place, &packet);
	}
}

static void stand_before_knocks(const struct rules *rules, struct rules_place *place,
				struct rule_packet packet)
{
	const struct portset *sets[] = {&rules->config->spa, &rules->config->sequence};
	for (size_t i = 0; i < 2; i++)
		for (uint32_t j = 0; j < sets[i]->n_ranges; j++) {
			packet.proto = DOOR_UDP;
			packet.port = sets[i]->ranges[j].first;
			stand_before(rules, place, &packet);
			packet.port = sets[i]->ranges[j].last;
			stand_before(rules, place, &packet);
			packet.proto = DOOR_TCP;
			if (i == 1)
				stand_before(rules, place, &packet);
		}
}

/* Whatever it matches. */
static struct rule_sense read_rule(const struct ruleset_chain *chain,
				   const struct ruleset_rule *rule, const struct config *config)
{
	struct rule_packet packet = {.family =
					 chain->families & RULESET_V4 ? RULESET_V4 : RULESET_V6};
	struct rule_sense sense;
	rule_read(&sense, chain, rule->text, &packet, config);
	return sense;
}

/* ufw keeps what it does itself at the end of its chain. */
static void stand_before_user_rules(const struct rules *rules, struct rules_place *place)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	const struct ruleset_rule *rule = ruleset_first(ruleset, place->chain);
	for (; rule != NULL; rule = ruleset_next(ruleset, rule)) {
		struct rule_sense sense = read_rule(place->chain, rule, rules->config);
		if (strcmp(sense.target, "ufw-user-input") == 0 ||
		    strcmp(sense.target, "ufw6-user-input") == 0)
			break;
	}
	if (rule != NULL && (place->number == 0 || rule->number < place->number))
		place->number = rule->number;
}

/* Ours: right if nothing that decides stands before it, and nothing that must be before it (but comes to
 * no decision about a stranger, as fail2ban's chains) stands after it. */
static void find_ours(const struct rules *rules, struct rules_place *place)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	uint32_t last = place->number != 0 ? place->number - 1 : place->chain->count;
	const struct ruleset_rule *rule = ruleset_first(ruleset, place->chain);
	for (; rule != NULL && place->ours == NULL; rule = ruleset_next(ruleset, rule)) {
		struct rule_sense sense = read_rule(place->chain, rule, rules->config);
		if (rule_is_our_jump(&sense))
			place->ours = rule;
	}
	place->right = place->ours != NULL && place->ours->number == last;
}

/* What makes the rules anew has a chain for those of others. */
static const struct ruleset_chain *find_iptables_input(const struct rules *rules, uint8_t family)
{
	const char *const names[] = {family == RULESET_V4 ? "ufw-before-input"
							  : "ufw6-before-input",
				     RULES_FIREWALLD_INPUT, "INPUT"};
	const struct ruleset_chain *found = NULL;
	for (size_t i = 0; found == NULL && i < sizeof names / sizeof *names; i++)
		found =
		    ruleset_find(&rules->look->ruleset, rules->keeper, family, "filter", names[i]);
	return found;
}

static const struct ruleset_chain *find_input(const struct rules *rules, uint8_t family)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	const struct ruleset_chain *found = NULL;
	if (rules->keeper != RULESET_NFT)
		return find_iptables_input(rules, family);
	for (uint32_t i = 0; i < ruleset->n_chains; i++) {
		const struct ruleset_chain *chain = &ruleset->chains[i];
		if (chain->maker == RULESET_NFT && chain->hook == RULESET_INPUT &&
		    (chain->families & family) != 0 &&
		    strcmp(chain->table, rules_table(rules, family)) == 0 &&
		    (found == NULL || (chain->drops && !found->drops)))
			found = chain;
	}
	return found;
}

struct rules_place rules_find_place(const struct rules *rules, uint8_t family)
{
	struct rules_place place = {0};
	struct rule_packet packet = {.family = family, .without_ours = true};
	if (rules->look == NULL)
		return place;
	place.chain = find_input(rules, family);
	if (place.chain == NULL)
		return place;
	stand_before_doors(rules, &place, packet);
	stand_before_knocks(rules, &place, packet);
	stand_before_user_rules(rules, &place);
	find_ours(rules, &place);
	return place;
}

static bool is_one_of(const char *name, const char *const names[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

const struct ruleset_rule *rules_leading(const struct rules *rules, const struct look *look,
					 const struct ruleset_rule *after, uint8_t family,
					 const char *table, const char *const names[], size_t n)
{
	const struct ruleset *ruleset = &look->ruleset;
	for (uint32_t i = after == NULL ? 0 : (uint32_t)(after - ruleset->rules) + 1;
	     i < ruleset->n_rules; i++) {
		const struct ruleset_rule *rule = &ruleset->rules[i];
		const struct ruleset_chain *chain = &ruleset->chains[rule->chain];
		if (chain->maker != rules->keeper || (chain->families & family) == 0 ||
		    strcmp(chain->table, table) != 0 || is_one_of(chain->name, names, n))
			continue;
		struct rule_sense sense = read_rule(chain, rule, rules->config);
		if ((sense.verdict == RULE_JUMP || sense.verdict == RULE_GOTO) &&
		    is_one_of(sense.target, names, n))
			return rule;
	}
	return NULL;
}
