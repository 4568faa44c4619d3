/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_admin.h"

#include <stdio.h>
#include <string.h>

#include "address.h"
#include "ask.h"
#include "ctl_ask.h"
#include "door.h"
#include "name.h"
#include "number.h"
#include "posternctl.h"
#include "say.h"
#include "when.h"

static int check_address(const char *text)
{
	struct address address;
	if (address_parse(&address, text) == 0)
		return SAY_DONE;
	return say(SAY_USAGE, "%s is no address", text);
}

/* Appends for=T to the question, where it is wanted. */
static int put_span(const struct verb_call *call, char question[static ASK_LINE])
{
	const char *text = call->option[CTL_FOR];
	size_t used = strlen(question);
	struct error error;
	uint32_t seconds = 0;
	if (text == NULL)
		return SAY_DONE;
	if (when_span_parse(&seconds, text, &error) != 0)
		return say(SAY_USAGE, "--for: %s", error.text);
	if (seconds == 0)
		return say(SAY_USAGE, "--for: no time at all");
	snprintf(question + used, ASK_LINE - used, " for=%u", seconds);
	return SAY_DONE;
}

int ctl_admin_open(const struct verb_call *call)
{
	const char *address = call->arguments[0], *text = call->arguments[1], *grant;
	struct ctl_ask ask;
	struct door door;
	struct error error;
	char question[ASK_LINE];
	int code = check_address(address);
	if (code != SAY_DONE)
		return code;
	if (door_parse(&door, text, &error) != 0)
		return say(SAY_USAGE, "%s", error.text);
	snprintf(question, sizeof question, "open %s %s", address, text);
	code = put_span(call, question);
	if (code == SAY_DONE)
		code = ctl_ask_value(call, question, "grant", &ask, &grant);
	if (code != SAY_DONE)
		return code;
	const char *until = fields_value(&ask.fields, "until");
	printf("%s is open for %s until %s (grant %s)\n", text, address,
	       until != NULL ? until : "?", grant);
	return SAY_DONE;
}

/* The number in a field that may be missing: then 0. */
static int take_number(const struct fields *fields, const char *field, uint32_t *number)
{
	const char *text = fields_value(fields, field);
	*number = 0;
	return text == NULL || number_parse(number, text, UINT32_MAX) == 0 ? SAY_DONE
									   : ctl_ask_broken();
}

/* A question whose answer is a number; logins, where it is not null, is another in it. */
static int ask_number(const struct verb_call *call, const char *question, const char *field,
		      uint32_t *number, uint32_t *logins)
{
	struct ctl_ask ask;
	const char *text;
	int code = ctl_ask_value(call, question, field, &ask, &text);
	if (code == SAY_DONE)
		code = take_number(&ask.fields, field, number);
	if (code == SAY_DONE && logins != NULL)
		code = take_number(&ask.fields, "logins", logins);
	return code;
}

static bool is_target(const char *text)
{
	struct address address;
	return address_parse(&address, text) == 0 || name_valid(text);
}

int ctl_admin_close(const struct verb_call *call)
{
	char question[ASK_LINE];
	const char *target = call->arguments[0];
	uint32_t closed, logins;
	if (!is_target(target))
		return say(SAY_USAGE, "%s is no address, no key's name and not all", target);
	snprintf(question, sizeof question, "close %s", target);
	int code = ask_number(call, question, "closed", &closed, &logins);
	if (code != SAY_DONE)
		return code;
	if (closed + logins == 0 && strcmp(target, "all") != 0)
		return say(SAY_REFUSED, "nothing is open for %s", target);
	printf("%u closed", closed);
	if (closed == 0 && logins > 0)
		printf(", but %u earlier %s no login in any more", logins,
		       logins == 1 ? "knock lets" : "knocks let");
	puts("");
	return SAY_DONE;
}

int ctl_admin_block(const struct verb_call *call)
{
	char question[ASK_LINE];
	const char *address = call->arguments[0], *span = call->option[CTL_FOR];
	uint32_t closed;
	int code = check_address(address);
	if (code != SAY_DONE)
		return code;
	snprintf(question, sizeof question, "block %s", address);
	code = put_span(call, question);
	if (code == SAY_DONE)
		code = ask_number(call, question, "closed", &closed, NULL);
	if (code != SAY_DONE)
		return code;
	printf("%s is blocked%s%s, %u closed\n", address, span != NULL ? " for " : "",
	       span != NULL ? span : "", closed);
	return SAY_DONE;
}

int ctl_admin_unblock(const struct verb_call *call)
{
	char question[ASK_LINE];
	const char *address = call->arguments[0];
	uint32_t unblocked;
	int code = check_address(address);
	if (code != SAY_DONE)
		return code;
	snprintf(question, sizeof question, "unblock %s", address);
	code = ask_number(call, question, "unblocked", &unblocked, NULL);
	if (code != SAY_DONE)
		return code;
	if (unblocked == 0)
		return say(SAY_REFUSED, "%s is not blocked", address);
	printf("%s is unblocked\n", address);
	return SAY_DONE;
}

int ctl_admin_clock_reset(const struct verb_call *call)
{
	struct ctl_ask ask;
	const char *clock;
	int code = ctl_ask_value(call, "clock reset", "clock", &ask, &clock);
	if (code != SAY_DONE)
		return code;
	if (strcmp(clock, "ok") != 0)
		return say(SAY_FAILED, "the clock still stands behind the record");
	puts("the clock is taken for right");
	return SAY_DONE;
}
