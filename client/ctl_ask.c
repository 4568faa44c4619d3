/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_ask.h"

#include <string.h>

#include "ask.h"
#include "ctl.h"
#include "say.h"

static const struct {
	const char *reason;
	enum say_code code;
	const char *text;
} refusals[] = {
    {"not-root", SAY_REFUSED, "only root may do this"},
    {"malformed", SAY_REFUSED,
     "the daemon does not understand the question; is it of another version?"},
    {"unknown-question", SAY_REFUSED,
     "the daemon does not know this question; is it of another version?"},
    {"too-many", SAY_REFUSED, "as many watch already as may; end one of them"},
    {"address", SAY_REFUSED, "that address is this host's own, or can be nobody's"},
    {"door", SAY_REFUSED,
     "that door may never be opened: `doors` of the configuration lists those "
     "that may (posternd reads it at a reload)"},
    {"span", SAY_REFUSED, "that is longer than `grant { max }` of the configuration allows"},
    {"blocked", SAY_REFUSED, "that address is blocked; first: posternctl unblock"},
    {"limit", SAY_REFUSED, "there are as many already as there may be"},
    {"firewall", SAY_FAILED,
     "the firewall did not take the rule; look for postern-firewall in the log"},
};

bool ctl_ask_refused(struct ctl_ask *ask, const char *line)
{
	static const char prefix[] = "error reason=";
	const char *text = line + sizeof prefix - 1;
	if (strncmp(line, prefix, sizeof prefix - 1) != 0)
		return false;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (strcmp(text, refusals[i].reason) == 0) {
			ask->code = say(refusals[i].code, "%s", refusals[i].text);
			return true;
		}
	ask->code = say(SAY_REFUSED, "%s", text);
	return true;
}

int ctl_ask_broken(void)
{
	return say(SAY_FAILED,
		   "the answer is none that posternd would give; is it of another version?");
}

int ctl_ask_no_memory(void)
{
	return say(SAY_FAILED, "out of memory");
}

static bool take_line(void *context, const char *line)
{
	struct ctl_ask *ask = context;
	return !ctl_ask_refused(ask, line) && ask->take(ask, line) && ask->code == SAY_DONE;
}

int ctl_ask_lines(const struct verb_call *call, const char *question, struct ctl_ask *asking)
{
	struct ctl ctl;
	struct error error;
	fields_clear(&asking->fields);
	asking->code = ctl_start_anyway(&ctl, call, false);
	if (asking->code != SAY_DONE)
		return asking->code;
	if (ask(ctl.config.control, question, CTL_ASK_PATIENCE_MS, 0, take_line, asking, &error) !=
	    ASK_OK)
		return say(SAY_FAILED, "%s", error.text);
	return asking->code;
}

static bool take_only(struct ctl_ask *ask, const char *line)
{
	if (fields_add(&ask->fields, line) != 0)
		ask->code = ctl_ask_broken();
	return false;
}

int ctl_ask_value(const struct verb_call *call, const char *question, const char *field,
		  struct ctl_ask *ask, const char **value)
{
	ask->take = take_only;
	int code = ctl_ask_lines(call, question, ask);
	if (code != SAY_DONE)
		return code;
	*value = fields_value(&ask->fields, field);
	return *value != NULL ? SAY_DONE : ctl_ask_broken();
}
