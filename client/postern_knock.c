/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "postern_knock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "carrier.h"
#include "clock.h"
#include "door.h"
#include "encoding.h"
#include "enrolment.h"
#include "knock.h"
#include "lasttime.h"
#include "number.h"
#include "postern.h"
#include "say.h"
#include "send.h"
#include "when.h"

/* The server takes unbound knocks in ascending order of time only, and gathers one sequence at a
 * time; and packets overtake each other: a pause between two knocks. */
enum { PAUSE_MS = 20 };

/* What the command line asks for. */
struct wish {
	struct token token;
	struct send_wish send;
	enum knock_action action;
	struct door doors[KNOCK_DOORS]; /* of one, all zero: whatever the key may open */
	unsigned n_doors;
	uint16_t seconds;
	int64_t offset_ms;
	uint32_t pace_ms;
	enum carrier carrier;
	bool carrier_given, dry_run, verbose;
};

/* One knock of those that are asked for. */
struct one {
	const struct send_target *target;
	struct request request;
	struct carrier_load load;
};

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

static int parse_via(struct wish *wish, const char *text)
{
	wish->carrier_given = text != NULL;
	if (text != NULL && carrier_parse(&wish->carrier, text) != 0)
		return say(SAY_USAGE, "--via %s: spa, sequence or sequence-udp", text);
	return SAY_DONE;
}

static int parse_options(struct wish *wish, const struct verb_call *call)
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
	return code == SAY_DONE ? parse_offset(wish, call->option[POSTERN_OFFSET]) : code;
}

static int parse_doors(struct wish *wish, char *const *texts, unsigned count)
{
	struct error error;
	if (count > KNOCK_DOORS)
		return say(SAY_USAGE, "more than %d doors", KNOCK_DOORS);
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

/* With -t the NAME may be left out: a DOOR has a slash, a NAME never. */
static int find_token(struct wish *wish, const struct verb_call *call, const char *name)
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

static int parse_call(struct wish *wish, const struct verb_call *call)
{
	unsigned named = call->n_arguments > 0 && strchr(call->arguments[0], '/') == NULL;
	int code = parse_options(wish, call);
	if (code == SAY_DONE)
		code = parse_doors(wish, call->arguments + named, call->n_arguments - named);
	return code == SAY_DONE ? find_token(wish, call, named ? call->arguments[0] : NULL) : code;
}

static int make_one(struct one *one, const struct wish *wish, const struct send_target *target,
		    const struct door *door, uint64_t time_ms)
{
	uint8_t knock[KNOCK_SIZE];
	one->target = target;
	one->request = (struct request){
	    .time_ms = time_ms,
	    .action = (uint8_t)wish->action,
	    .proto = door->proto,
	    .port = door->port,
	    .seconds = wish->seconds,
	};
	if (knock_seal(knock, wish->token.server, &wish->token.who, &one->request,
		       target->bound ? &target->source : NULL) != 0)
		return -1;
	carrier_make(&one->load, wish->carrier, &wish->token, knock);
	return 0;
}

static void print_door(char text[static 12], const struct request *request)
{
	struct door door = {.port = request->port, .proto = request->proto};
	if (request->proto == 0)
		strcpy(text, "all");
	else
		door_print(text, &door);
}

static const char *action_name(const struct one *one)
{
	return one->request.action == KNOCK_OPEN ? "open" : "close";
}

/* "udp/443", or "tcp/20481,31007,…". */
static void print_ports(const struct carrier_load *load)
{
	printf(" port=%s", carrier_protocol(load->carrier));
	for (unsigned i = 0; i < load->n_ports; i++)
		printf("%c%u", i == 0 ? '/' : ',', load->ports[i]);
}

/* What would be sent, as pairs in one line. */
static void print_one(const struct one *one)
{
	const struct carrier_load *load = &one->load;
	char server[ADDRESS_TEXT], source[ADDRESS_TEXT] = "none", moment[WHEN_MOMENT_TEXT];
	char door[12], span[WHEN_SPAN_TEXT], hex[ENCODING_HEX_TEXT(sizeof load->payload)];
	address_print(server, &one->target->server);
	if (one->target->bound)
		address_print(source, &one->target->source);
	when_moment_print(moment, one->request.time_ms);
	print_door(door, &one->request);
	when_span_print(span, one->request.seconds);
	printf("to=%s", server);
	print_ports(load);
	printf(" source=%s time=%s action=%s door=%s for=%s", source, moment, action_name(one),
	       door, one->request.seconds > 0 ? span : "default");
	encoding_hex_encode(hex, load->payload, load->size);
	printf(load->size > 0 ? " packet=%s\n" : "%s\n", hex);
}

static void tell_one(const struct one *one, const char *host)
{
	const struct carrier_load *load = &one->load;
	char server[ADDRESS_TEXT], door[12];
	address_print(server, &one->target->server);
	print_door(door, &one->request);
	if (load->n_ports == 1)
		say(SAY_DONE, "knocked at %s %s %s/%u to %s %s", host, server,
		    carrier_protocol(load->carrier), load->ports[0], action_name(one), door);
	else
		say(SAY_DONE, "knocked at %s %s by %u %s ports to %s %s", host, server,
		    load->n_ports, carrier_protocol(load->carrier), action_name(one), door);
}

static int send_one(const struct one *one, const struct wish *wish)
{
	struct error error;
	if (wish->dry_run) {
		print_one(one);
		return 0;
	}
	if (carrier_send(&one->load, one->target, wish->pace_ms, &error) != 0) {
		say(SAY_FAILED, "%s", error.text);
		return -1;
	}
	if (wish->verbose)
		tell_one(one, wish->token.host);
	return 0;
}

/* Each knock at each address; done if all doors were knocked for at one address at least. */
static int knock_all(const struct wish *wish, const struct send_target *targets, size_t n_targets,
		     uint64_t time_ms)
{
	int code = SAY_FAILED;
	for (size_t i = 0; i < n_targets; i++) {
		bool sent = true;
		for (unsigned j = 0; j < wish->n_doors; j++) {
			struct one one;
			if (make_one(&one, wish, &targets[i], &wish->doors[j], time_ms++) != 0)
				return say(SAY_FAILED, "libgcrypt could not seal the knock");
			if (i + j > 0 && !wish->dry_run &&
			    (!targets[i].bound || wish->carrier != CARRIER_SPA))
				clock_pause(PAUSE_MS);
			sent = send_one(&one, wish) == 0 && sent;
		}
		code = sent ? SAY_DONE : code;
	}
	return code;
}

/* No route for one of two families is how most machines are; what the user could mend is told. */
static void tell_left_out(void *context, enum send_result result, const struct error *why)
{
	const struct wish *wish = context;
	if (result == SEND_REFUSED || wish->verbose)
		say(SAY_DONE, "%s", why->text);
}

static int take_times(const struct wish *wish, size_t count, uint64_t *first_ms)
{
	struct error error;
	int64_t time_ms = clock_now_ms() + wish->offset_ms;
	if (time_ms <= 0)
		return say(SAY_USAGE, "the clock with --clock-offset stands before 1970");
	switch (lasttime_take(first_ms, wish->token.who.id, (uint64_t)time_ms, (unsigned)count,
			      wish->dry_run, &error)) {
	case LASTTIME_AHEAD:
		return say(SAY_REFUSED, "%s", error.text);
	case LASTTIME_LOST:
		say(SAY_DONE, "%s; going on with the clock's time alone", error.text);
		break;
	case LASTTIME_OK:
		break;
	}
	return SAY_DONE;
}

static int knock(struct wish *wish)
{
	struct send_target targets[SEND_TARGETS];
	struct error error;
	size_t n_targets;
	uint64_t first_ms;
	enum send_result result =
	    send_plan(targets, &n_targets, &wish->token, &wish->send, tell_left_out, wish, &error);
	if (result != SEND_OK)
		return say(result == SEND_REFUSED ? SAY_REFUSED : SAY_FAILED, "%s", error.text);
	int code = take_times(wish, n_targets * wish->n_doors, &first_ms);
	return code == SAY_DONE ? knock_all(wish, targets, n_targets, first_ms) : code;
}

static int run(const struct verb_call *call, enum knock_action action)
{
	struct wish wish = {.action = action};
	int code = parse_call(&wish, call);
	if (code == SAY_DONE)
		code = knock(&wish);
	crypto_wipe(&wish, sizeof wish);
	return code;
}

int postern_knock_open(const struct verb_call *call)
{
	return run(call, KNOCK_OPEN);
}

int postern_knock_close(const struct verb_call *call)
{
	return run(call, KNOCK_CLOSE);
}
