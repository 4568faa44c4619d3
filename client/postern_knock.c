/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "postern_knock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "door.h"
#include "encoding.h"
#include "enrolment.h"
#include "knock.h"
#include "lasttime.h"
#include "postern.h"
#include "say.h"
#include "send.h"
#include "when.h"

/* The server takes unbound knocks in ascending order of time only, and packets overtake each
 * other: a pause between them. */
enum { UNBOUND_PAUSE_MS = 20 };

/* What the command line asks for. */
struct wish {
	struct token token;
	struct send_wish send;
	enum knock_action action;
	struct door doors[KNOCK_DOORS]; /* of one, all zero: whatever the key may open */
	unsigned n_doors;
	uint16_t seconds;
	int64_t offset_ms;
	bool dry_run, verbose;
};

/* One knock of those that are asked for. */
struct one {
	const struct send_target *target;
	struct request request;
	uint16_t port;
	uint8_t packet[KNOCK_SIZE + KNOCK_TRAILER];
	size_t size;
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

static int parse_options(struct wish *wish, const struct verb_call *call)
{
	const char *via = call->option[POSTERN_VIA];
	bool v4 = call->option[POSTERN_IPV4] != NULL, v6 = call->option[POSTERN_IPV6] != NULL;
	if (v4 && v6)
		return say(SAY_USAGE, "-4 and -6 exclude each other");
	if (via != NULL && strcmp(via, "spa") != 0)
		return say(SAY_USAGE, "--via %s: the only carrier is spa", via);
	wish->send.family = v4 ? AF_INET : v6 ? AF_INET6 : AF_UNSPEC;
	wish->dry_run = call->option[POSTERN_DRY_RUN] != NULL;
	wish->verbose = call->option[POSTERN_VERBOSE] != NULL;
	int code = parse_source(wish, call->option[POSTERN_SOURCE]);
	if (code == SAY_DONE)
		code = parse_seconds(wish, call->option[POSTERN_FOR]);
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
	if (wish->token.spa.count == 0)
		return say(SAY_REFUSED, "%s takes no single packets (its token has no spa=)",
			   wish->token.host);
	return SAY_DONE;
}

static int parse_call(struct wish *wish, const struct verb_call *call)
{
	unsigned named = call->n_arguments > 0 && strchr(call->arguments[0], '/') == NULL;
	int code = parse_options(wish, call);
	if (code == SAY_DONE)
		code = parse_doors(wish, call->arguments + named, call->n_arguments - named);
	return code == SAY_DONE ? find_token(wish, call, named ? call->arguments[0] : NULL) : code;
}

/* Uniform enough: the bias is below 2^-23. */
static uint32_t random_below(uint32_t limit)
{
	uint32_t random;
	crypto_random(&random, sizeof random);
	return (uint32_t)(((uint64_t)random * limit) >> 32);
}

static int make_one(struct one *one, const struct wish *wish, const struct send_target *target,
		    const struct door *door, uint64_t time_ms)
{
	uint32_t trailer = random_below(KNOCK_TRAILER + 1);
	one->target = target;
	one->request = (struct request){
	    .time_ms = time_ms,
	    .action = (uint8_t)wish->action,
	    .proto = door->proto,
	    .port = door->port,
	    .seconds = wish->seconds,
	};
	one->port = portset_nth(&wish->token.spa, random_below(wish->token.spa.count));
	one->size = KNOCK_SIZE + trailer;
	crypto_random(one->packet + KNOCK_SIZE, trailer);
	return knock_seal(one->packet, wish->token.server, &wish->token.who, &one->request,
			  target->bound ? &target->source : NULL);
}

static void print_door(char text[static 12], const struct request *request)
{
	struct door door = {.port = request->port, .proto = request->proto};
	if (request->proto == 0)
		strcpy(text, "all");
	else
		door_print(text, &door);
}

/* What would be sent, as pairs in one line. */
static void print_one(const struct one *one)
{
	char server[ADDRESS_TEXT], source[ADDRESS_TEXT] = "none", moment[WHEN_MOMENT_TEXT];
	char door[12], span[WHEN_SPAN_TEXT], hex[ENCODING_HEX_TEXT(sizeof one->packet)];
	address_print(server, &one->target->server);
	if (one->target->bound)
		address_print(source, &one->target->source);
	when_moment_print(moment, one->request.time_ms);
	print_door(door, &one->request);
	when_span_print(span, one->request.seconds);
	encoding_hex_encode(hex, one->packet, one->size);
	printf("to=%s port=udp/%u source=%s time=%s action=%s door=%s for=%s packet=%s\n", server,
	       one->port, source, moment, one->request.action == KNOCK_OPEN ? "open" : "close",
	       door, one->request.seconds > 0 ? span : "default", hex);
}

static void tell_one(const struct one *one, const char *host)
{
	char server[ADDRESS_TEXT], door[12];
	address_print(server, &one->target->server);
	print_door(door, &one->request);
	say(SAY_DONE, "knocked at %s %s udp/%u to %s %s", host, server, one->port,
	    one->request.action == KNOCK_OPEN ? "open" : "close", door);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static int send_one(const struct one *one, const struct wish *wish)
{
	struct error error;
	if (wish->dry_run) {
		print_one(one);
		return 0;
	}
	if (send_packet(one->target, one->port, one->packet, one->size, &error) != 0) {
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
			if (!targets[i].bound && i + j > 0 && !wish->dry_run)
				pause_ms(UNBOUND_PAUSE_MS);
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

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int take_times(const struct wish *wish, size_t count, uint64_t *first_ms)
{
	struct error error;
	int64_t time_ms = now_ms() + wish->offset_ms;
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
