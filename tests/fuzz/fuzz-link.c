/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a frame; the first says of which link: a sighting that packet_parse could give too, or
 * a reason and nothing. */
#include <stdlib.h>
#include <string.h>

#include "link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int types[] = {LINK_NULL, LINK_ETHERNET, LINK_RAW,  LINK_LOOP,
				    LINK_SLL,  LINK_V4,       LINK_SLL2, -1};
	static const struct sighting none;
	struct sighting sighting, again;
	enum packet_reason reason;
	bool found = false;

	if (size == 0)
		return 0;
	reason = link_frame(&sighting, types[data[0] % (sizeof types / sizeof *types)], data + 1,
			    size - 1);
	if (reason >= PACKET_REASONS_COUNT)
		abort();
	if (reason != PACKET_OK) {
		if (memcmp(&sighting, &none, sizeof none) != 0)
			abort();
		return 0;
	}
	/* It is what lies behind some header, and nothing else. */
	for (size_t at = 1; at < size && at < 64 && !found; at++)
		found = packet_parse(&again, data + at, size - at) == PACKET_OK &&
			memcmp(&again, &sighting, sizeof again) == 0;
	if (!found)
		abort();
	return 0;
}
