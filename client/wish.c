/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wish.h"

#include <string.h>
#include <sys/socket.h>

#include "enrolment.h"
#include "number.h"
#include "postern.h"
#include "say.h"
#include "when.h"

enum { WAIT_MOST_S = 3600 };

static int parse_source(struct wish *wish, const char *text)
{
	if (text == NULL)
		return SAY_DONE;
	if (strcmp(text, "none") == 0) {
		wish->send.source = SEND_SOURCE_NONE;
		return SAY_DONE;
	}
	wish->send.source = SEND_SOURCE_GIVEN;
	if (address_parse(&wish->send.given, text) != 0)
		return say(SAY_USAGE, "--source %s is neither an address nor none", text);
	if (address_is_nobodys(&wish->send.given))
		return say(SAY_USAGE, "--source %s can't be anybody's address", text);
	return SAY_DONE;
}

static int parse_seconds(struct wish *wish, const char *text)
{
	uint32_t seconds;
	struct error error;
	if (text == NULL)
		return SAY_DONE;
	if (when_span_parse(&seconds, text, &error) != 0)
		return say(SAY_USAGE, "--for: %s", error.text);
	if (seconds == 0 || seconds > UINT16_MAX)
		return say(SAY_USAGE, "--for %s: a knock can ask for 1s to %us", text, UINT16_MAX);
	wish->seconds = (uint16_t)seconds;
	return SAY_DONE;
}

static int parse_offset(struct wish *wish, const char *text)
{
	uint32_t seconds;
	struct error error;
	if (text == NULL)
		return SAY_DONE;
	bool negative = *text == '-';
	if (when_span_parse(&seconds, text + (negative || *text == '+'), &error) != 0)
		return say(SAY_USAGE, "--clock-offset: %s", error.text);
	wish->offset_ms = (negative ? -1 : 1) * (int64_t)seconds * 1000;
	return SAY_DONE;
}

static int parse_pace(struct wish *wish, const char *text)
{
	enum { MOST = 1000 };
	if (text == NULL)
		return SAY_DONE;
	if (number_parse(&wish->pace_ms, text, MOST) != 0)
		return say(SAY_USAGE, "--pace %s: 0 to %d milliseconds between packets", text,
			   MOST);
	return SAY_DONE;
}

static int parse_wait(struct wish *wish, const char *text)
{
	uint32_t seconds = WISH_WAIT_MS / 1000;
	struct error error;
	if (text == NULL)
		return SAY_DONE;
	if (*text != '\0' && when_span_parse(&seconds, text, &error) != 0)
		return say(SAY_USAGE, "--wait: %s", error.text);
	if (seconds == 0 || seconds > WAIT_MOST_S)
		return say(SAY_USAGE, "--wait %s: from 1s to 1h", text);
	if (wish->dry_run)
		return say(SAY_USAGE, "--wait and --dry-run exclude each other");
	wish->wait_ms = seconds * 1000;
	return SAY_DONE;
}

static int parse_via(struct wish *wish, const char *text)
{
	wish->carrier_given = text != NULL;
	if (text != NULL && carrier_parse(&wish->carrier, text) != 0)
		return say(SAY_USAGE, "--via %s: spa, sequence or sequence-udp", text);
	return SAY_DONE;
}

int wish_options(struct wish *wish, const struct verb_call *call)
{
	bool v4 = call->option[POSTERN_IPV4] != NULL, v6 = call->option[POSTERN_IPV6] != NULL;
	if (v4 && v6)
		return say(SAY_USAGE, "-4 and -6 exclude each other");
	wish->send.family = v4 ? AF_INET : v6 ? AF_INET6 : AF_UNSPEC;
	wish->dry_run = call->option[POSTERN_DRY_RUN] != NULL;
	wish->verbose = call->option[POSTERN_VERBOSE] != NULL;
	int code = parse_source(wish, call->option[POSTERN_SOURCE]);
	if (code == SAY_DONE)
		code = parse_seconds(wish, call->option[POSTERN_FOR]);
	if (code == SAY_DONE)
		code = parse_pace(wish, call->option[POSTERN_PACE]);
	if (code == SAY_DONE)
		code = parse_via(wish, call->option[POSTERN_VIA]);
	if (code == SAY_DONE)
		code = parse_wait(wish, call->option[POSTERN_WAIT]);
	return code == SAY_DONE ? parse_offset(wish, call->option[POSTERN_OFFSET]) : code;
}

int wish_doors(struct wish *wish, char *const *texts, unsigned count)
{
	struct error error;
	if (count > WISH_DOORS)
		return say(SAY_USAGE, "more than %d doors", WISH_DOORS);
	for (unsigned i = 0; i < count; i++) {
		if (door_parse(&wish->doors[i], texts[i], &error) != 0)
			return say(SAY_USAGE, "%s", error.text);
		for (unsigned j = 0; j < i; j++)
			if (door_equal(&wish->doors[i], &wish->doors[j]))
				return say(SAY_USAGE, "%s is named twice", texts[i]);
	}
	wish->n_doors = count > 0 ? count : 1;
	return SAY_DONE;
}

/* The one asked for; without, the single packet where the server takes it. */
static int choose_carrier(struct wish *wish)
{
	if (!wish->carrier_given && !carrier_taken(wish->carrier, &wish->token))
		wish->carrier = CARRIER_TCP;
	if (carrier_taken(wish->carrier, &wish->token))
		return SAY_DONE;
	return say(SAY_REFUSED, "%s takes no knock as a %s (its token has no %s=)",
		   wish->token.host, wish->carrier == CARRIER_SPA ? "single packet" : "sequence",
		   wish->carrier == CARRIER_SPA ? "spa" : "seq");
}

/* A token of -t has to be for that name, where one is given. */
int wish_token(struct wish *wish, const struct verb_call *call, const char *name)
{
	const char *file = call->option[POSTERN_TOKEN];
	struct error error;
	if (file == NULL && name == NULL)
		return verb_misused(call, "NAME is missing");
	if (file == NULL ? enrolment_find(&wish->token, name, &error)
			 : enrolment_read(&wish->token, file, true, &error))
		return say(SAY_REFUSED, "%s", error.text);
	if (file != NULL && name != NULL && !enrolment_is(&wish->token, name))
		return say(SAY_REFUSED, "the token in %s is for %s at %s, not for %s", file,
			   wish->token.name, wish->token.host, name);
	return choose_carrier(wish);
}

/* No route for one of two families is how most machines are; what the user could mend is told. */
static void tell_left_out(void *context, enum send_result result, const struct error *why)
{
	const bool *verbose = context;
	if (result == SEND_REFUSED || *verbose)
		say(SAY_DONE, "%s", why->text);
}

int wish_plan(const struct wish *wish, struct send_target targets[static SEND_TARGETS],
	      size_t *n_targets)
{
	struct error error;
	bool verbose = wish->verbose;
	switch (send_plan(targets, n_targets, &wish->token, &wish->send, tell_left_out, &verbose,
			  &error)) {
	case SEND_OK:
		return SAY_DONE;
	case SEND_REFUSED:
		return say(SAY_REFUSED, "%s", error.text);
	case SEND_FAILED:
		break;
	}
	return say(SAY_FAILED, "%s", error.text);
}
