/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verbs that show the host's firewall rules, put them in and take them out have in common: the
 * configuration, a look at the host, and a plan by both. What returns a code has said what is wrong.
 */
#ifndef WORK_H
#define WORK_H

#include <stdbool.h>

#include "config.h"
#include "ctl.h"
#include "edits.h"
#include "look.h"
#include "plan.h"
#include "rules.h"
#include "verb.h"

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

/* Reads the configuration, and --backend (*given: it was said). */
int work_start(struct work *work, const struct verb_call *call, bool *given);
int work_backend(struct work *work, const struct verb_call *call, bool *given);
void work_free(struct work *work);

/* At the host, to change it: nobody else does meanwhile. */
int work_look(struct work *work);

/* Once the backend is known: how knocks are heard; then the plan. */
int work_source(struct work *work);
int work_plan(struct work *work);
/* With words for a person, as a script. */
void work_print(const struct work *work);

/* By the rules that there are once it is done. */
void work_tell_after(const struct work *work,
		     void (*tell)(const struct rules *rules, const char *config_path));

#endif
