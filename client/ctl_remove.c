/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_remove.h"

#include <stdio.h>
#include <string.h>

#include "backends.h"
#include "counters.h"
#include "foreign.h"
#include "persist.h"
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

/* Without a configuration: whatever has the names that it has by default. */
static int plan_removals(struct work *work)
{
	int code = SAY_DONE;
	static const uint32_t backends[RULESET_MAKERS] = {[RULESET_LEGACY] = CONFIG_IPTC,
							  [RULESET_COMPAT] = CONFIG_IPSET,
							  [RULESET_NFT] = CONFIG_NFT};
	const struct ruleset *ruleset = &work->look.ruleset;
	for (int keeper = 0; code == SAY_DONE && keeper < RULESET_MAKERS; keeper++) {
		struct config config = work->config;
		backends_set(&config, backends[keeper]);
		for (uint32_t i = 0; i < ruleset->n_chains; i++) {
			const struct ruleset_chain *chain = &ruleset->chains[i];
			bool ours = strcmp(chain->name, keeper == RULESET_NFT ? RULE_NFT_CHAIN
									      : config.chain) == 0;
			bool v6 = strncmp(chain->table, "ip6 ", 4) == 0;
			if (ours && (int)chain->maker == keeper)
				snprintf(v6 ? config.table6 : config.table, sizeof config.table,
					 "%s", chain->table);
		}
		code = plan_removal(work, &config, (enum ruleset_maker)keeper);
	}
	return code;
}

/* It knows of no removal; what it edits it makes where that is missing. */
static void tell_running(const struct work *work, uint32_t removed)
{
	struct running running;
	char verb[64], command[SAY_COMMAND];
	running_ask(&running, &work->ctl.config);
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

static int remove_rules(struct work *work, bool given)
{
	struct error error;
	enum ruleset_maker keeper = backends_keeper(&work->config, &work->look);
	uint32_t removed = work->config.firewall;
	int code = SAY_DONE;
	bool other = work->ctl.assumed && !given;
	if (!other)
		code = plan_removal(work, &work->config, keeper);
	/* What is there may be of an install that was killed before it was confirmed, and so configured. */
	other |= code == SAY_DONE && !given && work->plan.n_steps == 0;
	if (other)
		code = plan_removals(work);
	if (code != SAY_DONE)
		return code;
	if (work->plan.n_steps == 0 && !work->plan.failed)
		return say(SAY_REFUSED, "no rule of `posternctl firewall install` is here%s",
			   work->ctl.assumed ? ", of the names that they have by default" : "");
	if (other)
		backends_set(&work->config, CONFIG_IPSET); /* ufw's files may name sets */
	work->rules.config = &work->config;
	work->rules.keeper = keeper;
	if (rules_edit(&work->rules, &work->edits, false, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	if (edits_make(&work->edits, &error) != 0 ||
	    counters_run(&work->plan, &work->look, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	for (size_t i = 0; i < work->edits.count; i++)
		say_lines("%s has no line of Postern's any more.\n", work->edits.list[i].path);
	say_lines("All of it is out%s. What the doors do now, the host's own rules say alone.\n",
		  other ? " that has the names which it has by default" : "");
	if (!work->ctl.assumed)
		work_tell_after(work, persist_tell_removed);
	tell_running(work, removed);
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
