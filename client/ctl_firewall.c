/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_firewall.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"
#include "backends.h"
#include "clock.h"
#include "counters.h"
#include "ctl.h"
#include "edits.h"
#include "effect.h"
#include "foreign.h"
#include "guard.h"
#include "intake.h"
#include "look.h"
#include "persist.h"
#include "plan.h"
#include "posternctl.h"
#include "rules.h"
#include "running.h"
#include "say.h"
#include "tryout.h"
#include "turn.h"
#include "when.h"

enum { WITHIN_S = 60, WITHIN_MOST_S = 3600 };

/* What a verb works with. */
struct work {
	struct ctl ctl;
	struct config config; /* with the backend and the source that are chosen */
	struct look look;
	bool seen; /* the host's rules: look is of use */
	enum ruleset_maker keeper;
	struct rules rules;
	struct plan plan;
	struct edits edits;
	bool configured, other_source; /* the first edit is the configuration's */
};

static void work_free(struct work *work)
{
	look_free(&work->look);
	plan_free(&work->plan);
	edits_free(&work->edits);
}

/* --backend, else as configured. *given: it was said. */
static int take_backend(struct work *work, const struct verb_call *call, bool *given)
{
	const char *name = call->option[CTL_BACKEND];
	*given = name != NULL;
	if (name == NULL)
		return SAY_DONE;
	uint32_t backend = backends_named(name);
	if (backend == 0)
		return say(SAY_USAGE, "--backend is iptc, ipset, nft or none");
	backends_set(&work->config, backend);
	return SAY_DONE;
}

static int work_start(struct work *work, const struct verb_call *call, bool *given)
{
	int code = ctl_start(&work->ctl, call);
	if (code != SAY_DONE)
		return code;
	work->config = work->ctl.config;
	return take_backend(work, call, given);
}

static int look_around(struct work *work)
{
	struct error error;
	if (geteuid() != 0)
		return say(SAY_REFUSED, "only root can see and change the firewall");
	if (look_read(&work->look, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	work->seen = true;
	return SAY_DONE;
}

/* To change it: nobody else does meanwhile. */
static int look_to_change(struct work *work)
{
	struct error error;
	if (geteuid() == 0 && turn_take(&error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	return look_around(work);
}

static int make_plan(struct work *work)
{
	rules_start(&work->rules, &work->config, work->seen ? &work->look : NULL, work->keeper);
	if (work->keeper != RULESET_NFT && work->rules.command == NULL)
		return say(SAY_REFUSED,
			   "iptables is not installed, which this backend's rules need");
	rules_plan(&work->rules, &work->plan);
	return work->plan.failed ? say(SAY_FAILED, "out of memory") : SAY_DONE;
}

/* Once the backend is known. */
static int choose_source(struct work *work)
{
	struct error why;
	if (!work->seen)
		return SAY_DONE;
	enum intake_choice choice = intake_choose(&work->config, &work->look, work->keeper, &why);
	if (choice == INTAKE_NONE)
		return say(SAY_REFUSED, "%s", why.text);
	work->other_source = choice == INTAKE_OTHER;
	if (work->other_source)
		say(SAY_DONE, "knocks will be heard %s", why.text);
	if (work->other_source && rules_log_text(&work->config))
		say(SAY_DONE,
		    "a log has no payload, so single packets are heard no more: who is enrolled "
		    "knocks by --via sequence, or enrols anew: posternctl key token NAME");
	return SAY_DONE;
}

/* ---- show */

static void print_doors(const struct config *config)
{
	if (config->firewall == CONFIG_NONE) {
		puts("# No door is shut by them: it is for PAM or postern-tcpd to ask for the "
		     "knock.");
		return;
	}
	fputs("# From then on these open by a knock alone:", stdout);
	for (uint32_t i = 0; i < config->n_doors; i++) {
		char door[DOOR_TEXT];
		door_print(door, &config->doors[i]);
		printf(" %s", door);
	}
	puts(".\n# Keep a session open until you have seen one work.");
}

static void print_plan(const struct work *work)
{
	puts(
	    "# The firewall rules that Postern needs. sh runs this as root, as often as you like;\n"
	    "# `posternctl firewall install` does the same, with a way back.");
	printf("# For the backend %s; knocks are heard by %s.\n",
	       backends_name(work->config.firewall), intake_name(&work->config));
	print_doors(&work->config);
	puts("# A service of this host on a port that takes knocks would no longer be reached.");
	plan_print(&work->plan, stdout);
}

/* As install would; but what that can't do (and a user can't see) is shown as it is configured. */
static void choose_to_show(struct work *work, bool given)
{
	struct error error;
	struct config config = work->config;
	if (geteuid() == 0)
		work->seen = look_read(&work->look, &error) == 0;
	work->keeper = backends_keeper(&config, work->seen ? &work->look : NULL);
	if (!work->seen || given || config.firewall == CONFIG_NONE)
		return;
	if (backends_choose(&config, &work->keeper, &work->look, &error) != 0) {
		work->keeper = backends_keeper(&work->config, &work->look);
		say(SAY_DONE, "as it is configured: %s", error.text);
		return;
	}
	if (config.firewall != work->config.firewall) {
		say(SAY_DONE,
		    "for the backend %s, which this host's rules need (and install would "
		    "configure); %s is configured: --backend %s",
		    backends_name(config.firewall), backends_name(work->config.firewall),
		    backends_name(work->config.firewall));
	}
	work->config = config;
}

int ctl_firewall_show(const struct verb_call *call)
{
	struct work work = {0};
	bool given;
	int code = work_start(&work, call, &given);
	if (code == SAY_DONE) {
		choose_to_show(&work, given);
		choose_source(&work);
		code = make_plan(&work);
	}
	if (code == SAY_DONE && work.seen)
		foreign_told(&work.rules);
	if (code == SAY_DONE)
		print_plan(&work);
	work_free(&work);
	return code;
}

/* ---- install */

/* In the guard, or here: everything as it was. */
static int take_back(void *context)
{
	struct work *work = context;
	struct rules rules = work->rules;
	struct plan plan = {0};
	struct look now;
	struct error error;
	int result = look_read(&now, &error);
	if (result == 0) {
		rules.look = &now;
		rules_plan_removal(&rules, &work->look, &plan);
		result = counters_run(&plan, &now, &error);
	}
	plan_free(&plan);
	look_free(&now);
	if (work->configured && tryout_end(&work->edits.list[0], &error) != 0)
		result = -1;
	if (edits_undo(&work->edits, &error) != 0)
		result = -1;
	running_renew(&work->config, work->ctl.config_path, NULL);
	return result;
}

static int plan_edits(struct work *work)
{
	char section[BACKENDS_SECTION], before[BACKENDS_SECTION], source[INTAKE_SECTION],
	    ports[INTAKE_SECTION];
	struct error error;
	const char *path = work->ctl.config_path;
	backends_section(section, &work->config);
	backends_section(before, &work->ctl.config);
	intake_section(source, &work->config);
	intake_ports(ports, &work->config);
	bool to_log = work->other_source && rules_log_text(&work->config);
	if ((strcmp(section, before) != 0 &&
	     edits_section(&work->edits, path, "firewall", section, &error) != 0) ||
	    (work->other_source &&
	     edits_section(&work->edits, path, "source", source, &error) != 0) ||
	    (to_log && edits_section(&work->edits, path, "ports", ports, &error) != 0))
		return say(SAY_REFUSED, "%s", error.text);
	work->configured = work->edits.count > 0;
	if (rules_edit(&work->rules, &work->edits, true, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	return SAY_DONE;
}

static void print_edits(const struct work *work)
{
	for (size_t i = 0; i < work->edits.count; i++)
		printf("# %s is %s, too%s.\n", work->edits.list[i].path,
		       work->edits.list[i].before == NULL ? "made" : "changed",
		       i > 0 || !work->configured ? ""
		       : work->other_source       ? ": it gets this backend and this source"
						  : ": it gets this backend");
	fflush(stdout);
}

/* Do the rules of the host, as they are now, do what they are to do? */
static int check_effect(const struct work *work, struct error *error)
{
	static const enum effect_kind kinds[] = {EFFECT_KNOCK, EFFECT_GRANT, EFFECT_STRANGER,
						 EFFECT_SESSION};
	struct look now;
	struct effect effect;
	int result = look_read(&now, error);
	for (size_t i = 0; result == 0 && i < sizeof kinds / sizeof *kinds; i++)
		if (effect_wrong(&effect, kinds[i], &now, &work->config))
			result = error_set(error, "even with Postern's rules %s", effect.text);
	look_free(&now);
	return result;
}

/* Of the rules alone: they are gone when the host is started anew. */
static int change(const struct work *work, struct error *error)
{
	return counters_run(&work->plan, &work->look, error) == 0 ? check_effect(work, error) : -1;
}

/* With all that lasts. Nobody else has taken the rules out since they were tried, as a reload of ufw would. */
static int keep(void *context, struct error *error)
{
	struct work *work = context;
	struct config made;
	if ((work->configured && tryout_end(&work->edits.list[0], error) != 0) ||
	    (check_effect(work, error) != 0 && change(work, error) != 0) ||
	    edits_make(&work->edits, error) != 0)
		return -1;
	return work->configured ? config_read(&made, work->ctl.config_path, error) : 0;
}

/* Why no knock would open anything yet, once the change is made. */
static void warn(const struct work *work, bool tried)
{
	const struct config *config = &work->config;
	struct running running;
	running_ask(&running, config);
	if (!running.answers && tried && work->configured)
		say(SAY_DONE,
		    "no knock opens anything yet: %s. To try it before the yes, for as long: "
		    "posternd -n -f " TRYOUT_COPY,
		    running.error.text);
	else if (!running.answers)
		say(SAY_DONE, "no knock opens anything yet: %s: posternd -f %s", running.error.text,
		    SAY_QUOTED(work->ctl.config_path));
	if (!keyfile_opens(config->keys))
		say(SAY_DONE, "nobody can knock: %s has no key in force: posternctl key add NAME",
		    config->keys);
}

/* What to do about a change that was taken back. */
static void tell_not_confirmed(const struct work *work)
{
	struct running running;
	char command[SAY_COMMAND];
	say_lines("To see why a knock does not open: posternctl watch, and posternctl doctor once "
		  "the rules are in\nagain by: posternctl firewall install --within 10m\n");
	say_command(command, "reload", work->ctl.config_path);
	running_ask(&running, &work->config);
	if (running_has_other_config(&running, work->ctl.config_path))
		say_lines("The daemon does not yet work by %s as it is again: %s\n",
			  work->ctl.config_path, command);
}

/* Somebody killed the guard. */
static int undo_here(struct work *work)
{
	if (take_back(work) != 0)
		return say(SAY_FAILED,
			   "its guard was ended; not all of it could be taken back: see "
			   "`posternctl firewall remove`");
	return say(SAY_REFUSED, "its guard was ended; all is as it was");
}

/* Nothing that lasts is written. */
static int try_out(const struct work *work, struct error *error)
{
	if (change(work, error) != 0)
		return -1;
	return work->configured ? tryout_begin(&work->edits.list[0], &work->config, error)
				: running_renew(&work->config, work->ctl.config_path, error);
}

/* They stay; but whoever began the daemon meanwhile may have it read the configuration as it was. */
static int stay(const struct work *work)
{
	struct error error;
	if (running_renew(&work->config, work->ctl.config_path, &error) != 0)
		say(SAY_DONE, "%s: start it anew", error.text);
	return SAY_DONE;
}

/* Every way out of here has the change kept, or taken back. */
static int change_guarded(struct work *work, unsigned seconds)
{
	struct guard guard;
	struct error error;
	const struct guard_work duty = {.keep = keep, .undo = take_back, .context = work};
	if (guard_start(&guard, seconds, &duty, &error) != 0)
		return say(SAY_FAILED, "%s", error.text);
	bool failed = try_out(work, &error) != 0;
	int64_t end = clock_steady_ms() + (int64_t)seconds * 1000;
	if (guard_made(&guard) != 0)
		return undo_here(work);
	if (!failed) {
		warn(work, true);
		say_lines(
		    "The rules are in. See now, from another terminal, whether a knock opens;\n"
		    "then type yes here, within %u seconds, or they are taken back: ",
		    seconds);
		error_set(&error, "not confirmed");
		if (answer_yes(end) && guard_confirm(&guard, &error) == 0)
			return stay(work);
	}
	bool undone = guard_refuse(&guard) == 0;
	if (!undone)
		return say(SAY_FAILED,
			   "%s; not all of it could be taken back: see `posternctl "
			   "firewall remove`",
			   error.text);
	int code = say(SAY_REFUSED, "%s; all is as it was", error.text);
	if (!failed)
		tell_not_confirmed(work);
	return code;
}

static int change_at_once(struct work *work)
{
	struct error error;
	if (change(work, &error) == 0 && keep(work, &error) == 0 &&
	    running_renew(&work->config, work->ctl.config_path, &error) == 0) {
		warn(work, false);
		return SAY_DONE;
	}
	if (take_back(work) != 0)
		return say(SAY_FAILED, "%s; not all of it could be taken back", error.text);
	return say(SAY_REFUSED, "%s; all is as it was", error.text);
}

/* By the rules that there are once it is done. */
static void tell_after(const struct work *work,
		       void (*tell)(const struct rules *rules, const char *config_path))
{
	struct look now;
	struct error error;
	struct rules rules = work->rules;
	rules.look = &now;
	if (look_read(&now, &error) == 0)
		tell(&rules, work->ctl.config_path);
	look_free(&now);
}

static int take_within(const struct verb_call *call, unsigned *seconds)
{
	const char *text = call->option[CTL_WITHIN];
	struct error error;
	uint32_t span = WITHIN_S;
	if (text != NULL && when_span_parse(&span, text, &error) != 0)
		return say(SAY_USAGE, "--within: %s", error.text);
	if (span < 1 || span > WITHIN_MOST_S)
		return say(SAY_USAGE, "--within is from 1s to 1h");
	*seconds = span;
	return SAY_DONE;
}

static int choose(struct work *work, bool given)
{
	struct error error;
	/* Who opens nothing wants that. */
	if (given || work->config.firewall == CONFIG_NONE)
		work->keeper = backends_keeper(&work->config, &work->look);
	else if (backends_choose(&work->config, &work->keeper, &work->look, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	return choose_source(work);
}

/* Rules that are made now would be gone, or in the way, once the host's own are loaded. */
static int check_loaded(const struct work *work)
{
	struct rules rules;
	struct persist_unloaded unloaded;
	const struct config *config = &work->ctl.config;
	rules_start(&rules, config, &work->look, backends_keeper(config, &work->look));
	return persist_is_unloaded(&unloaded, &rules)
		   ? say(SAY_REFUSED, "%s is not loaded: %s", unloaded.path, unloaded.advice)
		   : SAY_DONE;
}

static int install(struct work *work, const struct verb_call *call)
{
	unsigned seconds;
	bool given;
	int code = take_within(call, &seconds);
	if (code == SAY_DONE)
		code = work_start(work, call, &given);
	if (code == SAY_DONE)
		code = look_to_change(work);
	if (code == SAY_DONE)
		code = check_loaded(work);
	if (code == SAY_DONE)
		code = choose(work, given);
	if (code == SAY_DONE)
		code = make_plan(work);
	if (code == SAY_DONE && foreign_told(&work->rules))
		code = SAY_REFUSED;
	if (code == SAY_DONE)
		code = plan_edits(work);
	if (code != SAY_DONE)
		return code;
	print_plan(work);
	print_edits(work);
	code = call->option[CTL_YES] != NULL ? change_at_once(work) : change_guarded(work, seconds);
	if (code == SAY_DONE)
		tell_after(work, persist_tell);
	return code;
}

int ctl_firewall_install(const struct verb_call *call)
{
	struct work work = {0};
	int code = install(&work, call);
	work_free(&work);
	return code;
}

/* ---- remove */

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
		tell_after(work, persist_tell_removed);
	tell_running(work, removed);
	return SAY_DONE;
}

int ctl_firewall_remove(const struct verb_call *call)
{
	struct work work = {0};
	bool given;
	int code = ctl_start_anyway(&work.ctl, call, true);
	work.config = work.ctl.config;
	if (code == SAY_DONE)
		code = take_backend(&work, call, &given);
	if (code == SAY_DONE)
		code = look_to_change(&work);
	if (code == SAY_DONE)
		code = remove_rules(&work, given);
	work_free(&work);
	return code;
}
