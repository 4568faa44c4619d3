/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a packet: a sighting that could be one, or a reason and nothing. And a copy of less of
 * it gives the same sighting, or none; never another. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sighting none;

static bool sane(const struct sighting *s)
{
	if (address_is_nobodys(&s->source) || s->port == 0 || s->time_ms != 0 || s->zero != 0)
		return false;
	if (s->kind == SIGHTING_SPA)
		return s->proto == 17;
	return s->kind == SIGHTING_TOUCH && (s->proto == 6 || s->proto == 17) &&
	       memcmp(s->knock, none.knock, sizeof s->knock) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sighting whole, part;
	enum packet_reason reason = packet_parse(&whole, data, size);

	if (reason >= PACKET_REASONS_COUNT)
		abort();
	if (reason == PACKET_OK ? !sane(&whole) : memcmp(&whole, &none, sizeof none) != 0)
		abort();
	/* Some lengths only: a thousand executions elsewhere are worth more than all of them here. */
	for (size_t less = size % 5; less < size; less += 5 + size / 8)
		if (packet_parse(&part, data, less) == PACKET_OK &&
		    memcmp(&part, &whole, sizeof part) != 0)
			abort();
	return 0;
}
