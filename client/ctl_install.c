/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_install.h"

#include <stdio.h>
#include <string.h>

#include "backends.h"
#include "change.h"
#include "foreign.h"
#include "intake.h"
#include "persist.h"
#include "posternctl.h"
#include "say.h"
#include "when.h"
#include "work.h"

enum { WITHIN_S = 60, WITHIN_MOST_S = 3600 };

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
	if (given || work->config.firewall == CONFIG_NONE) {
		work->keeper = backends_keeper(&work->config, &work->look);
		if (backends_check(&work->config, &work->look, &error) != 0)
			return say(SAY_REFUSED, "%s", error.text);
	} else if (backends_choose(&work->config, &work->keeper, &work->look, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	return work_source(work);
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

/* What is put there would do nothing. */
static int check_awake(const struct work *work)
{
	const struct rules *rules = &work->rules;
	const char *tables[] = {rules->table, rules->table6};
	for (size_t i = 0; i < 2 && rules->keeper == RULESET_NFT; i++)
		if (ruleset_find(&work->look.ruleset, RULESET_NFT, RULESET_V4 | RULESET_V6,
				 tables[i], RULESET_DORMANT) != NULL)
			return say(SAY_REFUSED,
				   "the table %s is dormant, so that no rule in it is asked: wake "
				   "it first: nft add table %s",
				   tables[i], tables[i]);
	return SAY_DONE;
}

static int install(struct work *work, const struct verb_call *call)
{
	unsigned seconds;
	bool given;
	int code = take_within(call, &seconds);
	if (code == SAY_DONE)
		code = work_start(work, call, &given);
	if (code == SAY_DONE)
		code = work_look(work);
	if (code == SAY_DONE)
		code = check_loaded(work);
	if (code == SAY_DONE)
		code = choose(work, given);
	if (code == SAY_DONE)
		code = work_plan(work);
	if (code == SAY_DONE)
		code = check_awake(work);
	if (code == SAY_DONE && foreign_told(&work->rules))
		code = SAY_REFUSED;
	if (code == SAY_DONE)
		code = plan_edits(work);
	if (code != SAY_DONE)
		return code;
	work_print(work);
	print_edits(work);
	code = call->option[CTL_YES] != NULL ? change_at_once(work) : change_guarded(work, seconds);
	if (code == SAY_DONE)
		work_tell_after(work, persist_tell);
	return code;
}

int ctl_install(const struct verb_call *call)
{
	struct work work = {0};
	int code = install(&work, call);
	work_free(&work);
	return code;
}
