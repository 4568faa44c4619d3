/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "change.h"

#include <stdio.h>

#include "answer.h"
#include "clock.h"
#include "counters.h"
#include "effect.h"
#include "guard.h"
#include "running.h"
#include "say.h"
#include "tryout.h"

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
int change_guarded(struct work *work, unsigned seconds)
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

int change_at_once(struct work *work)
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
