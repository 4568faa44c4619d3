/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_rules.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backends.h"
#include "doctor_login.h"
#include "edits.h"
#include "effect.h"
#include "file.h"
#include "holder.h"
#include "moving.h"
#include "persist.h"
#include "program.h"
#include "rules.h"
#include "rules_firewalld.h"
#include "rules_nft.h"
#include "say.h"

static bool can_look(const struct doctor *doctor)
{
	return doctor->configured && doctor->looked;
}

static bool has_tool(const struct doctor *doctor)
{
	return doctor->look.commands[look_keeper(&doctor->look)] != NULL;
}

/* In whose commands a remedy is told: those of the host, whatever is configured. */
static enum ruleset_maker host_keeper(const struct doctor *doctor)
{
	const struct look *look = &doctor->look;
	enum ruleset_maker keeper = look_keeper(look);
	bool other = look->holds[keeper] && !look->holds[doctor->keeper];
	return look->commands[doctor->keeper] != NULL && !other ? doctor->keeper : keeper;
}

static void remedy_for_policy(struct doctor *doctor, const struct ruleset_chain *chain)
{
	char command[LOOK_COMMAND], words[LOOK_RULE];
	if (chain->maker == RULESET_NFT) {
		snprintf(words, sizeof words, "add chain %s %s { policy accept; }", chain->table,
			 chain->name);
		doctor_remedy(doctor, "nft %s", SAY_QUOTED(words));
		return;
	}
	look_command(command, doctor->look.commands[chain->maker], chain->families, "");
	doctor_remedy(doctor, "%s -w -t %s -P %s ACCEPT", command, chain->table, chain->name);
}

/* What stands where none of ours can stand before it has to go by itself. */
static void remedy_for_rule(struct doctor *doctor, const struct trace_result *by)
{
	char command[MOVING_COMMAND];
	if (by->rule == NULL && by->marks == NULL)
		remedy_for_policy(doctor, by->chain);
	else if (moving_out(command, &doctor->look, by->marks != NULL ? by->marks : by->chooses))
		doctor_remedy(doctor, "%s", command);
	else
		doctor_remedy(doctor, "# " SAY_TOO_LONG);
}

/* Is it in the filter that Postern's rules join? Then install finds the place before it. That goes by the base
 * chain by which the packet came there. */
static bool is_before_ours(const struct doctor *doctor, const struct effect *effect)
{
	const struct ruleset_chain *chain = effect->by.base;
	if (effect->kind == EFFECT_BANS || chain == NULL)
		return false;
	if (effect->kind == EFFECT_STRANGER && chain->hook == RULESET_INPUT)
		return false;
	if (effect->by.rule == NULL && !chain->drops)
		return false; /* nothing is in the way: what is missing is ours */
	return chain->maker != doctor->keeper || chain->hook != RULESET_INPUT ||
	       (chain->maker != RULESET_NFT && strcmp(chain->table, "filter") != 0) ||
	       (chain->maker == RULESET_NFT && doctor->config.firewall == CONFIG_NFT &&
		strcmp(chain->table, doctor->config.table) != 0 &&
		strcmp(chain->table, doctor->config.table6) != 0);
}

/* Does it let in to ports that it names, and to no others? */
static bool lets_in_by_port(const struct doctor *doctor, const struct ruleset_rule *rule,
			    uint8_t family)
{
	const struct door *door = &doctor->config.doors[0];
	struct rule_packet packet = {.family = family, .proto = door->proto, .port = door->port};
	struct rule_sense sense;
	rule_read(&sense, &doctor->look.ruleset.chains[rule->chain], rule->text, &packet,
		  &doctor->config);
	return sense.verdict == RULE_ACCEPT && sense.names_port;
}

/* Install puts ours before what decides. Where fail2ban is asked only after that, its rule comes first. If that is in
 * some chain of others, no place is right until what decides is gone; but what keeps out has to stay. */
static bool print_room(char command[static MOVING_COMMAND], const struct doctor *doctor,
		       const struct rules_place *place, uint8_t family)
{
	const struct ruleset_rule *ban =
	    place->chain == NULL ? NULL
				 : effect_bans_later(&doctor->look, &doctor->config, place, family);
	if (ban == NULL)
		return false;
	const struct ruleset_chain *chain = &doctor->look.ruleset.chains[ban->chain];
	bool top = chain == place->chain || chain->hook != RULESET_NO_HOOK;
	if (top && moving_to(command, &doctor->look, ban, chain, NULL))
		return true;
	return place->chooses != NULL && lets_in_by_port(doctor, place->chooses, family) &&
	       moving_out(command, &doctor->look, place->chooses);
}

static void remedy_by_install(struct doctor *doctor)
{
	char commands[2][MOVING_COMMAND] = {"", ""}, install[SAY_COMMAND];
	struct rules rules;
	uint8_t families[2];
	size_t n = look_families(families);
	rules_start(&rules, &doctor->config, &doctor->look, doctor->keeper);
	for (size_t i = 0; i < n; i++) {
		struct rules_place place = rules_find_place(&rules, families[i]);
		if (!print_room(commands[i], doctor, &place, families[i]) ||
		    (i == 1 && strcmp(commands[1], commands[0]) == 0))
			commands[i][0] = '\0';
	}
	say_command(install, "firewall install", doctor->config_path);
	doctor_remedy(doctor, "%s%s%s%s%s", commands[0], commands[0][0] != '\0' ? " && " : "",
		      commands[1], commands[1][0] != '\0' ? " && " : "", install);
}

/* Install makes those of this keeper anew, without what shuts. */
static void remedy_left(struct doctor *doctor, enum ruleset_maker maker)
{
	char verb[64];
	const uint32_t backend = maker == RULESET_NFT      ? CONFIG_NFT
				 : maker == RULESET_COMPAT ? CONFIG_IPSET
							   : CONFIG_IPTC;
	snprintf(verb, sizeof verb, "firewall remove --backend %s", backends_name(backend));
	doctor_remedy_verb(doctor, maker == doctor->keeper ? "firewall install" : verb);
}

static void remedy(struct doctor *doctor, const struct effect *effect)
{
	const struct ruleset_chain *base = effect->by.base;
	if (effect->kind == EFFECT_LEFT) {
		remedy_left(doctor, effect->by.chain->maker);
		return;
	}
	bool two_keepers =
	    base != NULL && base->maker != doctor->keeper && doctor->look.holds[doctor->keeper];
	if (effect->by.marks != NULL)
		remedy_for_rule(doctor, &effect->by);
	else if (is_before_ours(doctor, effect) && (base->maker == doctor->keeper || two_keepers))
		remedy_for_rule(doctor, &effect->by);
	else
		remedy_by_install(doctor);
}

/* The table that the configuration names, if none of its chains is asked. */
static const char *find_dormant(const struct doctor *doctor)
{
	const struct config *config = &doctor->config;
	for (uint32_t i = 0; i < doctor->look.ruleset.n_chains; i++) {
		const struct ruleset_chain *chain = &doctor->look.ruleset.chains[i];
		if (strcmp(chain->name, RULESET_DORMANT) == 0 && config->firewall == CONFIG_NFT &&
		    (strcmp(chain->table, config->table) == 0 ||
		     strcmp(chain->table, config->table6) == 0))
			return chain->table;
	}
	return NULL;
}

static void check_awake(struct doctor *doctor)
{
	const char *table = find_dormant(doctor);
	if (table == NULL)
		return;
	doctor->unloaded = true;
	doctor_find(doctor, DOCTOR_WRONG, "table %s is dormant: none of its rules works", table);
	doctor_remedy(doctor, "nft add table %s", table);
}

static void check_loaded(struct doctor *doctor)
{
	struct rules rules;
	struct persist_unloaded unloaded;
	rules_start(&rules, &doctor->config, &doctor->look, doctor->keeper);
	doctor->unloaded = persist_is_unloaded(&unloaded, &rules);
	if (!doctor->unloaded)
		return;
	doctor_find(doctor, DOCTOR_WRONG, "%s is not loaded: none of its rules is there now%s%s",
		    unloaded.path, unloaded.wrong[0] == '\0' ? "" : ": ", unloaded.wrong);
	doctor_remedy(doctor, "%s", unloaded.command);
}

/* The daemon works by another configuration, of which nothing is known. */
#define UNREAD ", by the configuration that is there, which the daemon has not read"

/* One finding of each kind: what mends it mends others of its kind. */
void doctor_rules_effects(struct doctor *doctor)
{
	struct effect effect;
	bool logged = true;
	bool other = running_has_other_config(&doctor->running, doctor->config_path);
	if (can_look(doctor))
		check_loaded(doctor);
	if (can_look(doctor) && !doctor->unloaded)
		check_awake(doctor);
	if (doctor->unloaded)
		return;
	for (int kind = EFFECT_KNOCK; can_look(doctor) && kind < EFFECT_KINDS; kind++) {
		if (!effect_wrong(&effect, (enum effect_kind)kind, &doctor->look, &doctor->config))
			continue;
		doctor_find(doctor, DOCTOR_WRONG, "%s%s", effect.text, other ? UNREAD : "");
		remedy(doctor, &effect);
		logged &= kind != EFFECT_KNOCK;
	}
	const struct source_config *source =
	    can_look(doctor) && logged ? rules_nflog(&doctor->config) : NULL;
	for (uint32_t i = 0; source != NULL && i < source->n_groups; i++) {
		if (effect_logs_to(&doctor->look, &doctor->config, source->groups[i], RULESET_V4))
			continue;
		doctor_find(doctor, DOCTOR_WARNING,
			    "the daemon reads the NFLOG group %u, but no rule logs knocks to it",
			    source->groups[i]);
		remedy_by_install(doctor);
	}
}

/* By the configuration, or by the one that install would make for this host. */
static bool wants_ipset(const struct doctor *doctor)
{
	struct rules rules;
	struct config config = doctor->config;
	struct error error;
	enum ruleset_maker keeper = doctor->keeper;
	rules_start(&rules, &doctor->config, &doctor->look, doctor->keeper);
	return config.firewall == CONFIG_IPSET ||
	       (!persist_has_ours(&rules) &&
		backends_choose(&config, &keeper, &doctor->look, &error) != 0 &&
		keeper == RULESET_COMPAT);
}

/* Makes the sets; posternd itself does without. */
static void check_ipset(struct doctor *doctor)
{
	if (program_exists("ipset") || !wants_ipset(doctor))
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    "ipset is not installed: no rule can be made on its sets");
	doctor_remedy_package(doctor, "ipset");
}

/* Its chains stay, as long as the host runs. */
static void check_ufw_enabled(struct doctor *doctor)
{
	static const char file[] = "/etc/ufw/ufw.conf";
	if (edits_found(file, "ENABLED=yes") || edits_found(file, "ENABLED=YES"))
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    "ufw, which has Postern's rules in its files, is disabled: after its next "
		    "start this host has neither's");
	doctor_remedy(doctor, "ufw enable");
}

static void check_ufw(struct doctor *doctor)
{
	if (!doctor->look.ufw || doctor->keeper == RULESET_NFT)
		return;
	check_ufw_enabled(doctor);
	if (edits_found("/etc/ufw/before.rules", ":" RULE_CHAIN) &&
	    edits_found("/etc/ufw/before6.rules", ":" RULE_CHAIN))
		return;
	doctor_find(
	    doctor, DOCTOR_WRONG,
	    "ufw makes the rules of this host, and will make them without Postern's when it "
	    "is started or reloaded: /etc/ufw/before.rules lacks them");
	doctor_remedy_verb(doctor, "firewall install");
}

/* With nftables it refuses in a chain of its own what ours has let in; with iptables it keeps rules of ours
 * that are in its files. */
static void check_firewalld(struct doctor *doctor)
{
	if (!doctor->look.firewalld)
		return;
	if (doctor->look.firewalld_nft) {
		doctor_find(
		    doctor, DOCTOR_WRONG,
		    "firewalld makes the rules of this host, by nftables, and what it keeps out "
		    "no rule of ours can let in");
		doctor_remedy(doctor, BACKENDS_FIREWALLD);
		return;
	}
	if (rules_firewalld_has())
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    "firewalld makes the rules of this host, and will make them without Postern's "
		    "when it is started or reloaded: " RULES_FIREWALLD_DIRECT " lacks them");
	doctor_remedy_verb(doctor, "firewall install");
}

void doctor_rules_managers(struct doctor *doctor)
{
	if (!can_look(doctor) || doctor->config.firewall == CONFIG_NONE)
		return;
	if (!has_tool(doctor)) {
		doctor_find(doctor, DOCTOR_WRONG,
			    "neither iptables nor nft is installed: no door can be shut");
		doctor_remedy_package(doctor, "nftables");
		return;
	}
	check_ipset(doctor);
	check_ufw(doctor);
	check_firewalld(doctor);
}

/* ---- Docker: what it forwards never comes by INPUT */

/* Others than Docker forward, too, and have no chain of that name. */
static const char *guard_chain(const struct doctor *doctor, const struct ruleset_chain *nat)
{
	static const char name[] = "DOCKER-USER";
	const struct ruleset *ruleset = &doctor->look.ruleset;
	return ruleset_find(ruleset, nat->maker, nat->families, "filter", name) != NULL ? name
											: "FORWARD";
}

/* What keeps out what nftables forwards. */
#define GUARD RULES_NFT_FORWARD " " RULES_NFT_FORWARD_CHAIN

/* Does it keep out what went to this door before it was forwarded? */
static bool is_guard(const struct doctor *doctor, const struct ruleset_chain *chain,
		     const struct ruleset_rule *rule, const struct door *door)
{
	struct rule_packet packet = {.family =
					 chain->families & RULESET_V4 ? RULESET_V4 : RULESET_V6,
				     .proto = door->proto,
				     .port = door->port,
				     .forwarded = true,
				     .outward = doctor->look.ruleset.outward};
	struct rule_sense sense;
	rule_read(&sense, chain, rule->text, &packet, &doctor->config);
	return sense.match == RULE_YES && sense.names_port &&
	       (sense.verdict == RULE_DROP || sense.verdict == RULE_REJECT);
}

static bool guards(const struct doctor *doctor, const struct ruleset_chain *nat,
		   const struct door *door)
{
	const struct ruleset *ruleset = &doctor->look.ruleset;
	const char *name = guard_chain(doctor, nat);
	bool nft = nat->maker == RULESET_NFT, found = false;
	for (uint32_t i = 0; i < ruleset->n_rules && !found; i++) {
		const struct ruleset_chain *chain = &ruleset->chains[ruleset->rules[i].chain];
		bool there =
		    (nft && chain->hook == RULESET_NO_HOOK) ||
		    (strcmp(chain->table, "filter") == 0 && strcmp(chain->name, name) == 0);
		found = there && chain->maker == nat->maker &&
			(chain->families & nat->families) == nat->families &&
			is_guard(doctor, chain, &ruleset->rules[i], door);
	}
	return found;
}

/* To another host; or to another port of this one. */
static bool leads_away(const struct rule_sense *sense, const struct door *door, bool redirect)
{
	if (!redirect)
		return strcmp(sense->target, "DNAT") == 0;
	return strcmp(sense->target, "REDIRECT") == 0 && sense->match >= RULE_PARTLY &&
	       sense->to_port != 0 && sense->to_port != door->port;
}

static bool forwards(const struct doctor *doctor, const struct ruleset_chain *chain,
		     const struct ruleset_rule *rule, const struct door *door, bool redirect)
{
	static const uint8_t families[] = {RULESET_V4, RULESET_V6};
	struct rule_packet packet = {.proto = door->proto, .port = door->port};
	struct rule_sense sense;
	bool found = false;
	for (size_t i = 0; i < sizeof families; i++) {
		packet.family = families[i];
		if ((chain->families & packet.family) == 0)
			continue;
		rule_read(&sense, chain, rule->text, &packet, &doctor->config);
		found |= sense.match != RULE_NO && sense.names_port && !rule_is_for_few(&sense) &&
			 leads_away(&sense, door, redirect);
	}
	return found;
}

/* No more of what the host itself, or what it forwards for, asks elsewhere by the same port. */
static void remedy_forward(struct doctor *doctor, const struct ruleset_chain *nat,
			   const struct door *door)
{
	const char *proto = rules_protocol(door);
	char command[LOOK_COMMAND];
	if (nat->maker == RULESET_NFT) {
		doctor_remedy(doctor,
			      "nft 'add table " RULES_NFT_FORWARD "; add chain " GUARD
			      " " RULES_NFT_FORWARD_HOOK "; add "
			      "rule " GUARD " ct status dnat ct direction original "
			      "meta l4proto %s ct original proto-dst %u drop'",
			      proto, door->port);
		return;
	}
	look_command(command, doctor->look.commands[nat->maker], nat->families, "");
	doctor_remedy(doctor,
		      "%s -w -I %s -p %s -m conntrack --ctstate DNAT --ctorigdstport %u --ctdir "
		      "ORIGINAL -j DROP",
		      command, guard_chain(doctor, nat), proto, door->port);
}

/* A grant is for the port that it names, and to that no packet comes. */
static void find_redirect(struct doctor *doctor, const struct ruleset_rule *rule,
			  const struct door *each)
{
	const struct ruleset_chain *chain = &doctor->look.ruleset.chains[rule->chain];
	char told[LOOK_RULE], door[DOOR_TEXT], command[MOVING_COMMAND];
	door_print(door, each);
	look_tell(told, chain, rule);
	doctor_find(
	    doctor, DOCTOR_WRONG,
	    "%s is redirected to another port (%s), so no grant opens it, and it is open to "
	    "whom that port is open to",
	    door, told);
	if (moving_out(command, &doctor->look, rule))
		doctor_remedy(doctor, "%s", command);
	else
		doctor_remedy(doctor, "# " SAY_TOO_LONG);
}

static void check_forward(struct doctor *doctor, const struct ruleset_rule *rule)
{
	const struct ruleset_chain *chain = &doctor->look.ruleset.chains[rule->chain];
	char told[LOOK_RULE], door[DOOR_TEXT];
	if (chain->elsewhere || (chain->maker != RULESET_NFT && strcmp(chain->table, "nat") != 0))
		return;
	for (uint32_t i = 0; i < doctor->config.n_doors; i++) {
		const struct door *each = &doctor->config.doors[i];
		if (forwards(doctor, chain, rule, each, true))
			find_redirect(doctor, rule, each);
		if (!forwards(doctor, chain, rule, each, false) || guards(doctor, chain, each))
			continue;
		door_print(door, each);
		look_tell(told, chain, rule);
		doctor_find(doctor, DOCTOR_WRONG,
			    "%s is forwarded (%s), so it is open to everybody, and no knock is "
			    "asked for (the remedy shuts it for all: a grant does not open what is "
			    "forwarded)",
			    door, told);
		remedy_forward(doctor, chain, each);
	}
}

void doctor_rules_docker(struct doctor *doctor)
{
	if (!can_look(doctor) || doctor->config.firewall == CONFIG_NONE)
		return;
	for (uint32_t i = 0; i < doctor->look.ruleset.n_rules; i++)
		check_forward(doctor, &doctor->look.ruleset.rules[i]);
}

/* ---- another way in */

static bool is_console(const char *pid, const void *context)
{
	static const char *const names[] = {"agetty", "getty", "mingetty", "login", "sulogin"};
	(void)context;
	return holder_is_named(pid, names, sizeof names / sizeof *names, NULL) &&
	       holder_at_console(pid);
}

enum { WAY_ADDRESS = 64, ENVIRONMENT_MOST = 4 * 1024 * 1024, PROC_PATH = 40, ANCESTORS = 64 };

/* "SSH_CONNECTION=ADDRESS PORT ADDRESS PORT", as the process was given it. */
static bool connection_of(char address[static WAY_ADDRESS], pid_t pid)
{
	static const char name[] = "SSH_CONNECTION=";
	char path[PROC_PATH];
	struct file_text text = {0};
	bool found = false;
	snprintf(path, sizeof path, "/proc/%ld/environ", (long)pid);
	int fd = file_open(path, NULL);
	bool read_it = fd >= 0 && file_read(&text, fd, ENVIRONMENT_MOST, path, NULL) == 0;
	for (size_t at = 0; read_it && at < text.size && !found; at += strlen(text.text + at) + 1) {
		const char *value = text.text + at + strlen(name);
		found = strncmp(text.text + at, name, strlen(name)) == 0;
		if (found)
			snprintf(address, WAY_ADDRESS, "%.*s", (int)strcspn(value, " "), value);
	}
	if (fd >= 0)
		close(fd);
	file_free(&text);
	return found;
}

/* The address of whoever is logged in here, to be always let in: sudo keeps it back, but those it was started from
 * have it. False: that can't be seen, and it is a place to fill in. */
static bool session_address(char address[static WAY_ADDRESS])
{
	struct address known;
	pid_t pid = getpid();
	for (int i = 0; pid > 0 && i < ANCESTORS; i++, pid = holder_parent(pid))
		if (connection_of(address, pid)) {
			if (address_parse(&known, address) == 0)
				return true;
			break;
		}
	snprintf(address, WAY_ADDRESS, "ADDRESS");
	return false;
}

static void remedy_second_way(struct doctor *doctor, const struct door *door, const char *address)
{
	char command[LOOK_COMMAND];
	bool v6 = strchr(address, ':') != NULL;
	enum ruleset_maker keeper = host_keeper(doctor);
	if (keeper == RULESET_NFT) {
		struct rules rules;
		rules_start(&rules, &doctor->config, &doctor->look, keeper);
		uint8_t family = v6 ? RULESET_V6 : RULESET_V4;
		struct rules_place place = rules_find_place(&rules, family);
		if (place.chain == NULL)
			doctor_remedy_verb(doctor, "firewall install");
		else
			doctor_remedy(doctor,
				      "nft insert rule %s %s %s saddr %s %s dport %u accept",
				      rules_table(&rules, family), place.chain->name,
				      v6 ? "ip6" : "ip", address, rules_protocol(door), door->port);
		return;
	}
	look_command(command, doctor->look.commands[keeper], v6 ? RULESET_V6 : RULESET_V4, "");
	doctor_remedy(doctor, "%s -w -I INPUT -s %s -p %s --dport %u -j ACCEPT", command, address,
		      rules_protocol(door), door->port);
}

/* The firewall's second way is none where PAM asks all for a knock. What is no address there keeps out
 * everybody, so none is made up. */
static void remedy_strict(struct doctor *doctor, unsigned line, const char *address)
{
	doctor_find(
	    doctor, DOCTOR_WARNING,
	    "there is no second way in: whom the firewall always lets in PAM keeps out, for "
	    "pam_postern.so has no allow= in /etc/pam.d/sshd:%u",
	    line);
	if (address != NULL)
		doctor_remedy(doctor, "sed -i '%us,pam_postern.so,& allow=%s,' /etc/pam.d/sshd",
			      line, address);
	else
		doctor_remedy_edit(doctor, "/etc/pam.d/sshd");
}

void doctor_rules_second_way(struct doctor *doctor)
{
	if (!can_look(doctor) || doctor->config.firewall == CONFIG_NONE || !has_tool(doctor) ||
	    doctor->unloaded || holder_find(is_console, NULL) != 0)
		return;
	bool found = false;
	unsigned strict = doctor_login_strict();
	uint8_t families[2];
	size_t n = look_families(families);
	for (size_t i = 0; i < n; i++)
		found |= effect_second_way(&doctor->look, &doctor->config, families[i]) != NULL;
	char address[WAY_ADDRESS];
	bool known = session_address(address);
	if (!found) {
		doctor_find(doctor, DOCTOR_WARNING,
			    "there is no second way in: no console, and no address that is always "
			    "let in; should a key be lost, so is this host%s%s",
			    known ? "" : " (ADDRESS is to be one from which you can always come)",
			    strict != 0 ? " (it takes allow= of pam_postern.so in /etc/pam.d/sshd, "
					  "too)"
					: "");
		remedy_second_way(doctor, &doctor->config.doors[0], address);
	} else if (strict != 0)
		remedy_strict(doctor, strict, known ? address : NULL);
}
