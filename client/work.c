/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "work.h"

#include <stdio.h>
#include <unistd.h>

#include "backends.h"
#include "intake.h"
#include "posternctl.h"
#include "say.h"
#include "turn.h"

void work_free(struct work *work)
{
	look_free(&work->look);
	plan_free(&work->plan);
	edits_free(&work->edits);
}

/* --backend, else as configured. *given: it was said. */
int work_backend(struct work *work, const struct verb_call *call, bool *given)
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

int work_start(struct work *work, const struct verb_call *call, bool *given)
{
	int code = ctl_start(&work->ctl, call);
	if (code != SAY_DONE)
		return code;
	work->config = work->ctl.config;
	return work_backend(work, call, given);
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
int work_look(struct work *work)
{
	struct error error;
	if (geteuid() == 0 && turn_take(&error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	return look_around(work);
}

int work_plan(struct work *work)
{
	rules_start(&work->rules, &work->config, work->seen ? &work->look : NULL, work->keeper);
	if (work->keeper != RULESET_NFT && work->rules.command == NULL)
		return say(SAY_REFUSED,
			   "iptables is not installed, which this backend's rules need");
	rules_plan(&work->rules, &work->plan);
	return work->plan.failed ? say(SAY_FAILED, "out of memory") : SAY_DONE;
}

/* Once the backend is known. */
int work_source(struct work *work)
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

void work_print(const struct work *work)
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

/* By the rules that there are once it is done. */
void work_tell_after(const struct work *work,
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
