/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_save.h"

#include <unistd.h>

#include "backends.h"
#include "ctl.h"
#include "foreign.h"
#include "persist.h"
#include "say.h"
#include "turn.h"

static int save(const struct ctl *ctl, const struct look *look)
{
	struct rules rules;
	struct error error;
	rules_start(&rules, &ctl->config, look, backends_keeper(&ctl->config, look));
	if (rules_have_files(&rules))
		return say(SAY_DONE, "%s has them in its files: there is nothing to save",
			   look->firewalld ? "firewalld" : "ufw");
	if (rules.keeper != RULESET_NFT && rules.command == NULL)
		return say(SAY_REFUSED, "iptables is not installed");
	if (rules.keeper == RULESET_NFT ? foreign_told(&rules) : foreign_broken_told(&rules))
		return SAY_REFUSED;
	if (persist_save(&rules, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	say_lines("Saved, for what loads %s.\n", persist_file(&rules));
	return SAY_DONE;
}

int ctl_save(const struct verb_call *call)
{
	struct ctl ctl;
	struct look look;
	struct error error;
	int code = ctl_start(&ctl, call);
	if (code != SAY_DONE)
		return code;
	if (geteuid() != 0)
		return say(SAY_REFUSED, "only root can see and save the firewall");
	if (turn_take(&error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	code =
	    look_read(&look, &error) == 0 ? save(&ctl, &look) : say(SAY_REFUSED, "%s", error.text);
	look_free(&look);
	return code;
}
