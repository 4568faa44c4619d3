/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_boot.h"

#include <stdio.h>
#include <unistd.h>

#include "boot.h"
#include "edits.h"
#include "effect.h"
#include "file.h"
#include "lines.h"
#include "look.h"
#include "persist.h"
#include "program.h"
#include "rules_nft.h"
#include "saved.h"
#include "say.h"

#define AFTER "after its next start this host would not be as it is now: "

enum { NEEDS = RULES_NEEDS + 160 };

static void check_still(struct doctor *doctor, const struct rules *rules)
{
	const char *path = persist_still(rules);
	if (path == NULL)
		return;
	doctor_find(doctor, DOCTOR_WARNING,
		    "after its next start this host would have rules of Postern's again: %s has "
		    "them still",
		    path);
	if (persist_can(rules))
		doctor_remedy_verb(doctor, "firewall save");
	else
		doctor_remedy_edit(doctor, path);
}

/* Would they do if what loads them were of the other kind? Then that is all that is wrong. */
static bool is_other_kind(struct doctor *doctor, struct saved_trial *trial, struct saved *saved)
{
	char command[BOOT_COMMAND];
	const struct rules *rules = trial->rules;
	const char *path = trial->store->files[saved_first(saved)].path;
	bool legacy = trial->loader == RULESET_LEGACY;
	if (trial->loader == rules->keeper)
		return false;
	trial->loader = rules->keeper;
	saved_look(saved, trial);
	if (saved_first(saved) != BOOT_FILES)
		return false;
	doctor_find(doctor, DOCTOR_WARNING,
		    AFTER "%s: its rules are %s's, but what loads it makes %s's of them", path,
		    rules->command, legacy ? "iptables-legacy" : "iptables-nft");
	boot_alternatives(command, rules);
	doctor_remedy(doctor, "%s", command);
	return true;
}

/* A program that reads it might wait for ever. */
static bool is_file(struct doctor *doctor, const char *path)
{
	struct error error;
	if (path == NULL || access(path, F_OK) != 0)
		return true;
	int fd = file_open(path, &error);
	if (fd >= 0) {
		close(fd);
		return true;
	}
	doctor_find(doctor, DOCTOR_WARNING, AFTER "%s", error.text);
	doctor_remedy(doctor, "mv %s %s.away", SAY_QUOTED(path), SAY_QUOTED(path));
	return false;
}

static bool are_files(struct doctor *doctor, const struct boot_store *store)
{
	bool are = true;
	for (enum boot_kind kind = 0; store != NULL && kind < BOOT_FILES; kind++)
		are &= is_file(doctor, store->files[kind].path);
	return are;
}

/* Who has rules in force by this file does not want it to be left alone. */
static const char *beside_fault(const struct saved_trial *trial, const char *path)
{
	if (!trial->beside->nft || trial->rules->keeper != RULESET_COMPAT ||
	    !lines_have(path, LINES_NFT, "flush ruleset"))
		return "; other rules of it are in force: take out what does that";
	return "; other rules of it are in force, but its `flush ruleset` takes out those of "
	       "iptables, too: have it delete its own tables instead";
}

static void remedy_beside(struct doctor *doctor, const struct boot_store *beside, bool in_force)
{
	char command[BOOT_COMMAND];
	if (in_force) {
		doctor_remedy_edit(doctor, beside->files[BOOT_V4].path);
		return;
	}
	boot_disable(command, beside);
	doctor_remedy(doctor, "%s", command);
}

/* A race then: nobody says which of the two is the last. */
static void check_beside(struct doctor *doctor, struct saved_trial *trial)
{
	struct saved saved;
	trial->beside = boot_beside(trial->rules);
	if (trial->beside == NULL || !are_files(doctor, trial->beside))
		return;
	saved_look(&saved, trial);
	enum boot_kind kind = saved_first(&saved);
	if (kind == BOOT_FILES)
		return;
	const char *path = trial->beside->files[BOOT_V4].path;
	bool in_force = saved_is_in_force(trial);
	doctor_find(doctor, DOCTOR_WARNING, AFTER "%s is loaded, too, and then %s%s", path,
		    saved.wrong[kind], in_force ? beside_fault(trial, path) : "");
	remedy_beside(doctor, trial->beside, in_force);
}

/* What makes the rules by itself is no file to be tried. It may be the second to come, or the first. */
static void check_flush(struct doctor *doctor, const struct rules *rules)
{
	struct saved_trial trial = {.rules = rules, .store = boot_store(rules->keeper)};
	trial.beside = rules->keeper == RULESET_COMPAT ? boot_beside(rules) : NULL;
	if (trial.beside == NULL)
		return;
	const char *path = trial.beside->files[BOOT_V4].path;
	if (!lines_have(path, LINES_NFT, "flush ruleset"))
		return;
	bool in_force = saved_is_in_force(&trial);
	doctor_find(doctor, DOCTOR_WARNING,
		    AFTER "%s is loaded, too, and may take out the rules that %s has made%s", path,
		    rules->look->firewalld ? "firewalld" : "ufw",
		    in_force ? beside_fault(&trial, path) : "");
	remedy_beside(doctor, trial.beside, in_force);
}

/* ufw keeps what is in its own chains, and nothing of INPUT's. */
static void check_ufw_way(struct doctor *doctor, uint8_t family)
{
	const struct ruleset_rule *rule = effect_second_way(&doctor->look, &doctor->config, family);
	char told[LOOK_RULE], line[LOOK_RULE], path[40], edit[LOOK_RULE + 40];
	const char *six = family == RULESET_V6 ? "6" : "";
	if (rule == NULL || doctor->config.firewall == CONFIG_NONE)
		return;
	const struct ruleset_chain *chain = &doctor->look.ruleset.chains[rule->chain];
	snprintf(path, sizeof path, "/etc/ufw/before%s.rules", six);
	snprintf(line, sizeof line, "-A ufw%s-before-input %s", six, rule->text);
	if (chain->hook != RULESET_INPUT || edits_found(path, line))
		return;
	look_tell(told, chain, rule);
	doctor_find(doctor, DOCTOR_WARNING,
		    AFTER "%s: the second way in, by which an address is always let in, is not in "
			  "it (%s)",
		    path, told);
	snprintf(edit, sizeof edit, "/ -j " RULE_CHAIN "$/i %s", line);
	doctor_remedy(doctor, "sed -i %s %s", SAY_QUOTED(edit), path);
}

static void check_ufw(struct doctor *doctor)
{
	uint8_t families[2];
	size_t n = look_families(families);
	for (size_t i = 0; i < n && doctor->look.ufw; i++)
		check_ufw_way(doctor, families[i]);
}

static void check_manager(struct doctor *doctor)
{
	char command[BOOT_COMMAND];
	const char *manager = boot_manager(&doctor->look);
	if (manager == NULL)
		return;
	doctor_find(doctor, DOCTOR_WARNING,
		    AFTER "%s, which has made no rules now, makes its own: start it, from where it "
			  "can't lock you out; or, if it is not wanted any more, disable it",
		    manager);
	boot_mend_manager(command, manager);
	doctor_remedy(doctor, "%s", command);
}

/* "FILE: what is wrong; FILE: what is wrong" */
static void list_wrong(char text[static DOCTOR_TEXT], const struct saved *saved,
		       const struct boot_store *store)
{
	size_t used = 0;
	for (enum boot_kind kind = 0; kind < BOOT_FILES && used < DOCTOR_TEXT; kind++)
		if (saved->wrong[kind][0] != '\0')
			used += (size_t)snprintf(text + used, DOCTOR_TEXT - used, "%s%s: %s",
						 used > 0 ? "; " : "", store->files[kind].path,
						 saved->wrong[kind]);
}

/* Of nft's file, in which save puts no more than lines of Postern's: what has to be in it for that. */
static void list_needs(char text[static NEEDS], const struct rules *rules)
{
	char needs[RULES_NEEDS];
	if (!persist_has_ours(rules)) {
		snprintf(
		    text, NEEDS,
		    "; somebody has made the rules that are there now by hand: put them there");
		return;
	}
	rules_nft_needs(needs, rules);
	if (needs[0] == '\0')
		snprintf(text, NEEDS, "; `posternctl firewall save` can't mend that");
	else
		snprintf(text, NEEDS,
			 "; before `posternctl firewall save` can mend that, the file has to make "
			 "%s, with the rules that are there now (an example: contrib/firewall/"
			 "nftables.conf)",
			 needs);
}

/* Of nft's file save changes no more than lines of Postern's. */
static void check_lost(struct doctor *doctor, const struct rules *rules, const struct saved *saved,
		       const struct boot_store *store)
{
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++) {
		if (saved->lost[kind][0] == '\0')
			continue;
		doctor_find(doctor, DOCTOR_WARNING, AFTER "%s: %s", store->files[kind].path,
			    saved->lost[kind]);
		if (rules->keeper != RULESET_NFT)
			doctor_remedy_verb(doctor, "firewall save");
		else
			doctor_remedy_edit(doctor, store->files[kind].path);
	}
}

static void check_files(struct doctor *doctor, const struct rules *rules,
			const struct boot_store *store)
{
	struct saved_trial trial = {.rules = rules, .store = store, .loader = boot_loader(rules)};
	char wrong[DOCTOR_TEXT], needs[NEEDS] = "";
	struct saved saved;
	if (!are_files(doctor, store))
		return;
	saved_look(&saved, &trial);
	if (saved_first(&saved) == BOOT_FILES) {
		check_lost(doctor, rules, &saved, store);
		check_beside(doctor, &trial);
		return;
	}
	if (is_other_kind(doctor, &trial, &saved))
		return;
	bool can = persist_can(rules) && !saved.later;
	list_wrong(wrong, &saved, store);
	if (!can && !saved.refused && !saved.later)
		list_needs(needs, rules);
	doctor_find(doctor, DOCTOR_WARNING, AFTER "%s%s", wrong, needs);
	if (can)
		doctor_remedy_verb(doctor, "firewall save");
	else
		doctor_remedy_edit(doctor, persist_file(rules));
}

/* Neither systemd nor OpenRC is here. */
static void check_unknown(struct doctor *doctor, const struct rules *rules,
			  const struct boot_store *store)
{
	char command[BOOT_LOAD];
	boot_load(command, rules, store);
	doctor_find(doctor, DOCTOR_WARNING,
		    "at its next start nothing that is known here loads %s, for there is no "
		    "systemctl: have a script do it that runs then%s%s",
		    persist_file(rules), command[0] == '\0' ? "" : ": ", command);
	doctor_remedy(doctor, "${EDITOR:-vi} /etc/rc.local && chmod +x /etc/rc.local");
}

static void check_loader(struct doctor *doctor, const struct rules *rules,
			 const struct boot_store *store)
{
	char command[BOOT_COMMAND];
	struct boot_lacks lacks;
	boot_look(&lacks, rules, store);
	if (lacks.unseen && !store->openrc && !program_exists("systemctl"))
		check_unknown(doctor, rules, store);
	if (lacks.packages[0] != '\0') {
		doctor_find(doctor, DOCTOR_WARNING,
			    "at its next start nothing loads %s, for %s is not installed",
			    lacks.path_packages, lacks.packages);
		doctor_remedy_package(doctor, lacks.packages);
	}
	if (lacks.units[0] != '\0') {
		doctor_find(doctor, DOCTOR_WARNING,
			    "at its next start nothing loads %s, for %s is not enabled",
			    lacks.path_units, lacks.units);
		boot_enable(command, &lacks, store);
		doctor_remedy(doctor, "%s", command);
	}
}

void doctor_boot(struct doctor *doctor)
{
	struct rules rules;
	if (!doctor->configured || !doctor->looked)
		return;
	rules_start(&rules, &doctor->config, &doctor->look, doctor->keeper);
	if (doctor->look.commands[rules.keeper] == NULL)
		return;
	if (rules_have_files(&rules)) {
		check_flush(doctor, &rules);
		check_ufw(doctor);
		return;
	}
	const struct boot_store *store = boot_store(rules.keeper);
	bool works = persist_has_ours(&rules) || effect_works(&doctor->look, &doctor->config);
	if (!works && !doctor->unloaded) {
		check_still(doctor, &rules);
		return;
	}
	if (works)
		check_files(doctor, &rules, store);
	check_loader(doctor, &rules, store);
	check_manager(doctor);
}
