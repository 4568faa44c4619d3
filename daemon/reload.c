/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "notify.h"

static bool asked;         /* and not yet begun */
static bool coming;        /* next is checked; it takes over once the children have ended */
static struct supply next; /* what comes after what is in force */

void reload_ask(void)
{
	asked = true;
}

void reload_forget(void)
{
	if (coming)
		supply_free(&next);
	asked = coming = false;
}

static void give_up(struct supply *supply, struct children *children, const struct error *error)
{
	log_error("%s; the configuration before stays in force", error->text);
	supply->refused.count++;
	snprintf(supply->refused.why, sizeof(supply->refused.why), "%s", error->text);
	children_refused(children, &supply->refused);
	supply_return_control(&next, supply);
	supply_free(&next);
	notify_ready();
}

/* Everything is checked before anything changes. */
static int check(struct supply *supply, const char *path, struct error *error)
{
	int result;

	next = (struct supply)SUPPLY_NOTHING;
	next.programs = supply->programs;
	next.refused.count = supply->refused.count;
	mark_of(next.config_mark, path);
	result = config_read(&next.config, path, error);
	if (result == 0)
		result = supply_make(&next, supply, path, error);
	return result == 0 ? 0 : -1;
}

static void begin(struct supply *supply, struct children *children, const char *path)
{
	struct error error;

	asked = false;
	notify_reloading();
	if (check(supply, path, &error) == -1) {
		give_up(supply, children, &error);
		return;
	}
	log_info("reloading %s", path);
	coming = true;
	/* Rules that stand elsewhere tomorrow are not left where they stand: nobody could close them
	 * there. */
	if (!supply_same_place(&next, supply))
		children_vacate(children);
	children_end(children);
}

/* Two sockets cannot have one NFLOG group: what is not as it was is closed before the new is opened.
 * Where that fails, those before are to be opened again. */
static int change_sources(struct supply *supply, struct error *error)
{
	sources_move(&next.sources, &next.config, &supply->sources);
	sources_close(&supply->sources);
	if (sources_open(&next.sources, &next.config, error) == 0)
		return 0;
	sources_move(&supply->sources, &supply->config, &next.sources);
	return -1;
}

static void take_over(struct supply *supply, struct children *children)
{
	struct error error;

	coming = false;
	children->delay_ms = 0;
	children->due_ms = 0;
	if (change_sources(supply, &error) == -1) {
		give_up(supply, children, &error);
		return;
	}
	/* The log of now: at a death in between there was a new one. */
	next.log = supply->log;
	supply->log = -1;
	supply_free(supply);
	*supply = next;
}

void reload_turn(struct supply *supply, struct children *children, const char *path)
{
	bool at_rest = children->state == CHILDREN_WORKING || children->state == CHILDREN_NONE;

	if (asked && !coming && at_rest)
		begin(supply, children, path);
	if (coming && children->state == CHILDREN_NONE)
		take_over(supply, children);
}
