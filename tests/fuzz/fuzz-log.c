/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a log: however they come in pieces, the same packets are in them; and each is one that
 * could be. */
#include <stdlib.h>
#include <string.h>

#include "logtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	struct source_news news;
	unsigned taken;
	struct sighting last;
};

static void take(void *context, enum packet_reason reason, const struct sighting *sighting)
{
	struct seen *seen = context;

	seen->taken++;
	if (reason >= PACKET_REASONS_COUNT || (reason == PACKET_OK) != (sighting != NULL))
		abort();
	if (sighting == NULL)
		return;
	if (sighting->kind != SIGHTING_TOUCH || (sighting->proto != 6 && sighting->proto != 17) ||
	    sighting->port == 0 || address_is_nobodys(&sighting->source))
		abort();
	seen->last = *sighting;
}

static void read_in_pieces(struct seen *seen, const uint8_t *data, size_t size, size_t piece)
{
	memset(seen, 0, sizeof *seen);
	for (size_t at = 0; at < size; at += piece)
		logtext_take((const char *)data + at, size - at < piece ? size - at : piece, take,
			     seen, &seen->news);
	/* What is left over is not for the next time. */
	logtext_take("\n", 1, take, seen, &seen->news);
	if (seen->news.packets != seen->taken)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t pieces[] = {1, 7, 100};
	struct seen whole, part;

	read_in_pieces(&whole, data, size, size + 1);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		read_in_pieces(&part, data, size, pieces[i]);
		if (memcmp(&part, &whole, sizeof part) != 0)
			abort();
	}
	return 0;
}
