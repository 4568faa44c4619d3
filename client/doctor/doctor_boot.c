/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_boot.h"

#include <stdio.h>
#include <unistd.h>

#include "boot.h"
#include "persist.h"
#include "saved.h"

#define AFTER "after its next start this host would not be as it is now: "

/* Of the rules of iptables-nft nft lists what it can't load. */
static bool can_list(const struct ruleset *ruleset)
{
	for (uint32_t i = 0; i < ruleset->n_rules; i++)
		if (ruleset->chains[ruleset->rules[i].chain].maker == RULESET_COMPAT)
			return false;
	return true;
}

/* Where save's lines would not do, for the host's own rules are not in nft's file: all of them become it. */
static void remedy_whole(struct doctor *doctor, const char *path)
{
	char keep[100] = "";
	if (!can_list(&doctor->look.ruleset)) {
		doctor_remedy_edit(doctor, path);
		return;
	}
	if (access(path, F_OK) == 0)
		snprintf(keep, sizeof keep, "cp -p %s %s.before && ", path, path);
	doctor_remedy(doctor, "%s{ echo flush ruleset; nft list ruleset; } >%s", keep, path);
}

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

/* A race then: nobody says which of the two is the last. */
static void check_beside(struct doctor *doctor, struct saved_trial *trial)
{
	char command[BOOT_COMMAND];
	struct saved saved;
	trial->beside = boot_beside(trial->rules);
	if (trial->beside == NULL)
		return;
	saved_look(&saved, trial);
	enum boot_kind kind = saved_first(&saved);
	if (kind == BOOT_FILES)
		return;
	doctor_find(doctor, DOCTOR_WARNING, AFTER "%s is loaded, too, and then %s",
		    trial->beside->files[BOOT_V4].path, saved.wrong[kind]);
	boot_disable(command, trial->beside);
	doctor_remedy(doctor, "%s", command);
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

static void check_files(struct doctor *doctor, const struct rules *rules,
			const struct boot_store *store)
{
	struct saved_trial trial = {.rules = rules, .store = store, .loader = boot_loader(rules)};
	struct saved saved;
	saved_look(&saved, &trial);
	if (saved_first(&saved) == BOOT_FILES) {
		check_beside(doctor, &trial);
		return;
	}
	if (is_other_kind(doctor, &trial, &saved))
		return;
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++) {
		const char *path = store->files[kind].path;
		if (saved.wrong[kind][0] == '\0')
			continue;
		doctor_find(doctor, DOCTOR_WARNING, AFTER "%s: %s", path, saved.wrong[kind]);
		if (persist_can(rules))
			doctor_remedy_verb(doctor, "firewall save");
		else if (saved.refused)
			doctor_remedy_edit(doctor, path);
		else
			remedy_whole(doctor, path);
	}
}

static void check_loader(struct doctor *doctor, const struct rules *rules,
			 const struct boot_store *store)
{
	char command[BOOT_COMMAND];
	struct boot_lacks lacks;
	boot_look(&lacks, rules, store);
	if (lacks.packages[0] != '\0') {
		doctor_find(doctor, DOCTOR_WARNING,
			    "after its next start this host has no rules: nothing loads %s, for %s "
			    "is not installed",
			    lacks.path, lacks.packages);
		doctor_remedy_package(doctor, lacks.packages);
	}
	if (lacks.units[0] != '\0') {
		doctor_find(doctor, DOCTOR_WARNING,
			    "after its next start this host has no rules: nothing loads %s, for %s "
			    "is not enabled",
			    lacks.path, lacks.units);
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
	if (doctor->look.commands[rules.keeper] == NULL || rules_have_files(&rules))
		return;
	const struct boot_store *store = boot_store(rules.keeper);
	if (!persist_has_ours(&rules)) {
		check_still(doctor, &rules);
		return;
	}
	check_files(doctor, &rules, store);
	check_loader(doctor, &rules, store);
	check_manager(doctor);
}
