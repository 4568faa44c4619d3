/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "knocking.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "encoding.h"
#include "lasttime.h"
#include "say.h"
#include "when.h"

int knocking_take_times(const struct wish *wish, size_t count, uint64_t *first_ms)
{
	static bool told; /* once, however often it is knocked */
	struct error error;
	int64_t time_ms = (int64_t)clock_now_ms() + wish->offset_ms;
	if (time_ms <= 0)
		return say(SAY_USAGE, "the clock with --clock-offset stands before 1970");
	switch (lasttime_take(first_ms, wish->token.who.id, (uint64_t)time_ms, (unsigned)count,
			      wish->dry_run, &error)) {
	case LASTTIME_AHEAD:
		return say(SAY_REFUSED, "%s", error.text);
	case LASTTIME_LOST:
		if (!told)
			say(SAY_DONE, "%s; going on with the clock's time alone", error.text);
		told = true;
		break;
	case LASTTIME_OK:
		break;
	}
	return SAY_DONE;
}

int knocking_make(struct knocking *one, const struct wish *wish, const struct send_target *target,
		  const struct door *door, enum carrier carrier, uint64_t time_ms)
{
	uint8_t knock[KNOCK_SIZE];
	one->wish = wish;
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
		return say(SAY_FAILED, "libgcrypt could not seal the knock");
	carrier_make(&one->load, carrier, &wish->token, knock);
	return SAY_DONE;
}

static void print_door(char text[static 12], const struct request *request)
{
	struct door door = {.port = request->port, .proto = request->proto};
	if (request->proto == 0)
		strcpy(text, "all");
	else
		door_print(text, &door);
}

static const char *action_name(const struct knocking *one)
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
static void print_one(const struct knocking *one)
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

static void tell_one(const struct knocking *one, const char *host)
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

int knocking_send(const struct knocking *one, struct error *error)
{
	const struct wish *wish = one->wish;
	if (wish->dry_run) {
		print_one(one);
		return 0;
	}
	if (carrier_send(&one->load, one->target, wish->pace_ms, error) != 0)
		return -1;
	if (wish->verbose)
		tell_one(one, wish->token.host);
	return 0;
}
