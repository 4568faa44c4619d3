/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a datagram from nfnetlink: every packet is handed on once, with a sighting or not. */
#include <stdlib.h>
#include <string.h>

#include "nflog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *context, enum packet_reason reason, const struct sighting *sighting)
{
	unsigned *packets = context;
	++*packets;
	if ((reason == PACKET_OK) != (sighting != NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* As recvmsg gives it: aligned; and no longer than that, since libmnl counts in fours. */
	struct source_news news = {0};
	unsigned packets = 0;
	void *datagram = calloc(1, (size | 3) + 1);
	if (datagram == NULL)
		return 0;
	memcpy(datagram, data, size);
	nflog_parse(datagram, size, count, &packets, &news);
	if (packets != news.packets)
		abort();
	free(datagram);
	return 0;
}
