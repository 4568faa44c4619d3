/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_show.h"

#include <unistd.h>

#include "backends.h"
#include "foreign.h"
#include "say.h"
#include "work.h"

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

int ctl_show(const struct verb_call *call)
{
	struct work work = {0};
	bool given;
	int code = work_start(&work, call, &given);
	if (code == SAY_DONE) {
		choose_to_show(&work, given);
		work_source(&work);
		code = work_plan(&work);
	}
	if (code == SAY_DONE && work.seen)
		foreign_told(&work.rules);
	if (code == SAY_DONE)
		work_print(&work);
	work_free(&work);
	return code;
}
