/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_remove.h"

#include <stdio.h>
#include <string.h>

#include "backends.h"
#include "counters.h"
#include "foreign.h"
#include "moving.h"
#include "persist.h"
#include "rules_ufw.h"
#include "running.h"
#include "say.h"
#include "work.h"

/* Adds what is to go from the rules of this keeper. */
static int plan_removal(struct work *work, const struct config *config, enum ruleset_maker keeper)
{
	size_t before = work->plan.n_steps;
	rules_start(&work->rules, config, &work->look, keeper);
	if (foreign_told(&work->rules))
		return SAY_REFUSED;
	if (keeper == RULESET_NFT || work->rules.command != NULL)
		rules_plan_removal(&work->rules, NULL, &work->plan);
	if (work->plan.n_steps > before)
		say_lines(
		    "Out go Postern's chains and sets, and the rule that leads there, of %s.\n",
		    keeper == RULESET_NFT ? "nftables" : work->rules.command);
	return SAY_DONE;
}

/* A table of nftables, or of iptables, that has the backend's chain. */
static void find_tables(struct config *config, const struct ruleset *ruleset,
			enum ruleset_maker keeper)
{
	for (uint32_t i = 0; i < ruleset->n_chains; i++) {
		const struct ruleset_chain *chain = &ruleset->chains[i];
		bool ours = strcmp(chain->name,
				   keeper == RULESET_NFT ? RULE_NFT_CHAIN : config->chain) == 0;
		bool v6 = strncmp(chain->table, "ip6 ", 4) == 0;
		if (ours && chain->maker == keeper)
			snprintf(v6 ? config->table6 : config->table, sizeof config->table, "%s",
				 chain->table);
	}
}

/* Of whatever backend was before the one that is configured, or (all) of any: what has the names that it has by
 * default. A set goes once, so with the configured backend if that has sets of this kind. */
static int plan_removals(struct work *work, bool all, enum ruleset_maker done)
{
	int code = SAY_DONE;
	static const uint32_t backends[RULESET_MAKERS] = {[RULESET_LEGACY] = CONFIG_IPTC,
							  [RULESET_COMPAT] = CONFIG_IPSET,
							  [RULESET_NFT] = CONFIG_NFT};
	for (int keeper = 0; code == SAY_DONE && keeper < RULESET_MAKERS; keeper++) {
		struct config config = work->config;
		if (!all && (int)done == keeper)
			continue;
		bool sets = keeper == RULESET_COMPAT && !all && config.firewall == CONFIG_IPSET;
		backends_set(&config, sets ? CONFIG_NONE : backends[keeper]);
		find_tables(&config, &work->look.ruleset, (enum ruleset_maker)keeper);
		code = plan_removal(work, &config, (enum ruleset_maker)keeper);
	}
	return code;
}

/* It may make what it has by that once more. */
static void tell_not_read(const struct work *work, const struct running *running)
{
	char reload[SAY_COMMAND], again[SAY_COMMAND];
	const char *path = work->ctl.config_path;
	say_command(reload, "reload", path);
	say_command(again, "firewall remove", path);
	if (running_has_other_config(running, path))
		say_lines("But posternd runs, and does not yet work by %s: %s, and then: %s\n",
			  path, reload, again);
}

/* It knows of no removal; what it edits it makes where that is missing. */
static void tell_running(const struct work *work, uint32_t removed)
{
	struct running running;
	char verb[64], command[SAY_COMMAND];
	running_ask(&running, &work->ctl.config);
	if (work->ctl.config.firewall == CONFIG_NONE) {
		tell_not_read(work, &running);
		return;
	}
	if (!running.answers || (!work->ctl.assumed && removed != work->ctl.config.firewall))
		return;
	snprintf(verb, sizeof verb, "firewall remove --backend %s", backends_name(removed));
	say_command(command, work->ctl.assumed ? "firewall remove" : verb, work->ctl.config_path);
	say_lines(
	    "But posternd runs, and makes its chain or sets again once a door is to open; no "
	    "rule leads there.\nTo be rid of them, too: end posternd, or write \"firewall none "
	    "{ }\" into its configuration, then\nposternctl reload; and then: %s\n",
	    command);
}

/* What asks a set has to go before it can. */
static bool tell_asked(const struct rules *rules, const char *set)
{
	char told[LOOK_RULE], command[MOVING_COMMAND];
	const struct ruleset_rule *rule = rules_asking(rules, set);
	if (rule == NULL)
		return false;
	look_tell(told, &rules->look->ruleset.chains[rule->chain], rule);
	say_lines("The set %s stays: a rule of the host's own asks it (%s).\n", set, told);
	if (moving_out(command, rules->look, rule))
		say_lines("To be rid of both, first: %s\n", command);
	return true;
}

/* 0; or what ufw makes rules of again is there still, as is told. */
static int tell_left(const struct work *work)
{
	char numbers[RULES_UFW_LINES];
	size_t from = 0;
	int code = SAY_DONE;
	const char *path;
	if (!rules_have_files(&work->rules) || !work->look.ufw)
		return SAY_DONE;
	while ((path = rules_ufw_left(numbers, &work->config, &from)) != NULL)
		code =
		    say(SAY_REFUSED,
			"%s has lines of Postern's that `posternctl firewall install` has not put "
			"there: %s; take them out, then: ufw reload",
			path, numbers);
	return code;
}

static int take_out(struct work *work)
{
	struct error error;
	if (edits_make(&work->edits, &error) != 0 ||
	    counters_run(&work->plan, &work->look, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	for (size_t i = 0; i < work->edits.count; i++)
		say_lines("What `posternctl firewall install` has put into %s is out.\n",
			  work->edits.list[i].path);
	return SAY_DONE;
}

static int plan_all(struct work *work, bool given, enum ruleset_maker keeper)
{
	struct error error;
	int code = SAY_DONE;
	bool configured = given || (!work->ctl.assumed && work->config.firewall != CONFIG_NONE);
	if (configured)
		code = plan_removal(work, &work->config, keeper);
	if (code == SAY_DONE && !given)
		code = plan_removals(work, !configured, keeper);
	rules_start(&work->rules, &work->config, &work->look, keeper);
	if (code == SAY_DONE && rules_edit(&work->rules, &work->edits, false, &error) != 0)
		code = say(SAY_REFUSED, "%s", error.text);
	return code;
}

static int remove_rules(struct work *work, bool given)
{
	enum ruleset_maker keeper = backends_keeper(&work->config, &work->look);
	int code = plan_all(work, given, keeper);
	if (code != SAY_DONE)
		return code;
	bool asked = tell_asked(&work->rules, work->config.set4);
	asked |= tell_asked(&work->rules, work->config.set6);
	bool none = work->plan.n_steps == 0 && work->edits.count == 0 && !work->plan.failed;
	if (!none)
		code = take_out(work);
	if (code == SAY_DONE)
		code = tell_left(work);
	if (code == SAY_DONE && none)
		code = say(SAY_REFUSED, "no rule of `posternctl firewall install` is here%s",
			   work->ctl.assumed ? ", of the names that they have by default" : "");
	if (code != SAY_DONE)
		return code;
	say_lines("%s is out%s. What the doors do now, the host's own rules say alone.\n",
		  asked ? "All else" : "All of it",
		  work->ctl.assumed && !given ? " that has the names which it has by default" : "");
	if (!work->ctl.assumed)
		work_tell_after(work, persist_tell_removed);
	tell_running(work, work->config.firewall);
	return SAY_DONE;
}

int ctl_remove(const struct verb_call *call)
{
	struct work work = {0};
	bool given;
	int code = ctl_start_anyway(&work.ctl, call, true);
	work.config = work.ctl.config;
	if (code == SAY_DONE)
		code = work_backend(&work, call, &given);
	if (code == SAY_DONE)
		code = work_look(&work);
	if (code == SAY_DONE)
		code = remove_rules(&work, given);
	work_free(&work);
	return code;
}
