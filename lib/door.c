/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

static const struct {
	const char *name;
	uint8_t proto;
} protocols[] = {{"tcp", DOOR_TCP}, {"udp", DOOR_UDP}, {"sctp", DOOR_SCTP}};

enum { N_PROTOCOLS = sizeof protocols / sizeof protocols[0] };

static uint8_t proto_of(const char *name, size_t length)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (strlen(protocols[i].name) == length &&
		    memcmp(protocols[i].name, name, length) == 0)
			return protocols[i].proto;
	return 0;
}

static const char *name_of(uint8_t proto)
{
	for (size_t i = 0; i < N_PROTOCOLS; i++)
		if (protocols[i].proto == proto)
			return protocols[i].name;
	return NULL;
}

int door_parse(struct door *door, const char *text, struct error *error)
{
	size_t length = strcspn(text, "/");
	uint8_t proto = proto_of(text, length);
	uint32_t port;

	if (proto == 0)
		return error_set(
		    error, "\"%.40s\" is no door; write tcp/22, udp/1194 or sctp/36412", text);
	if (text[length] == '\0' || number_parse(&port, text + length + 1, UINT16_MAX) < 0 ||
	    port == 0)
		return error_set(error, "\"%.40s\" names no port from 1 to 65535; write %s/22",
				 text, name_of(proto));
	*door = (struct door){.port = (uint16_t)port, .proto = proto};
	return 0;
}

void door_print(char text[static DOOR_TEXT], const struct door *door)
{
	const char *name = name_of(door->proto);

	/* No door has another protocol; a number is better in a log than nothing. */
	if (name == NULL)
		snprintf(text, DOOR_TEXT, "%u/%u", door->proto, door->port);
	else
		snprintf(text, DOOR_TEXT, "%s/%u", name, door->port);
}

bool door_equal(const struct door *a, const struct door *b)
{
	return a->proto == b->proto && a->port == b->port;
}

bool door_proto_known(uint8_t proto)
{
	return name_of(proto) != NULL;
}
