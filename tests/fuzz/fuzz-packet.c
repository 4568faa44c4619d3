/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a packet: a sighting that could be one, or a reason and nothing. */
#include <stdlib.h>
#include <string.h>

#include "packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sighting none;
	struct sighting s;
	if (packet_parse(&s, data, size) != PACKET_OK) {
		if (memcmp(&s, &none, sizeof s) != 0)
			abort();
		return 0;
	}
	if (address_is_nobodys(&s.source) || s.port == 0 || (s.proto != 6 && s.proto != 17))
		abort();
	if (s.kind != SIGHTING_TOUCH && (s.kind != SIGHTING_SPA || s.proto != 17))
		abort();
	return 0;
}
