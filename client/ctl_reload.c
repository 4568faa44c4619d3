/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_reload.h"

#include <unistd.h>

#include "ctl.h"
#include "running.h"
#include "say.h"

int ctl_reload(const struct verb_call *call)
{
	struct ctl ctl;
	struct error error;
	int code = ctl_start(&ctl, call);
	if (code != SAY_DONE)
		return code; /* posternd would refuse it, too */
	if (geteuid() != 0)
		return say(SAY_REFUSED, "only root may do this");
	int result = running_reload(&ctl.config, &error);
	if (result == -2)
		return say(SAY_FAILED, "%s", error.text);
	if (result != 0)
		return say(SAY_REFUSED, "%s; the daemon goes on with what it had", error.text);
	say(SAY_DONE, "the daemon works by %s and %s as they are now", ctl.config_path,
	    ctl.keys_path);
	return SAY_DONE;
}
