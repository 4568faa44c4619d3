/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link.h"

#include <string.h>

#include "reader.h"

enum { IPV4 = 0x0800, IPV6 = 0x86dd, TAG = 0x8100, OUTER_TAG = 0x88a8, OLD_OUTER_TAG = 0x9100 };
enum { TAGS = 4, NO_TYPE = -1 };

/* How many bytes a header has before and after its Ethernet type; without one, how many at all. */
static const struct shape {
	int type;
	size_t before;
	int64_t after;
} shapes[] = {
    {LINK_NULL, 4, NO_TYPE}, /* an address family, in whose byte order? The packet tells better */
    {LINK_ETHERNET, 12, 0},  {LINK_RAW, 0, NO_TYPE}, {LINK_LOOP, 4, NO_TYPE}, {LINK_SLL, 14, 0},
    {LINK_V4, 0, NO_TYPE},   {LINK_V6, 0, NO_TYPE},  {LINK_SLL2, 0, 18},
};

static const struct shape *shape_of(int type)
{
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		if (shapes[i].type == type)
			return &shapes[i];
	return NULL;
}

bool link_known(int type)
{
	return shape_of(type) != NULL;
}

static enum packet_reason refuse(struct sighting *sighting, enum packet_reason reason)
{
	memset(sighting, 0, sizeof *sighting);
	return reason;
}

static bool is_tag(uint16_t ethertype)
{
	return ethertype == TAG || ethertype == OUTER_TAG || ethertype == OLD_OUTER_TAG;
}

static enum packet_reason within(struct sighting *sighting, uint16_t ethertype,
				 struct reader *reader)
{
	for (int i = 0; i < TAGS && is_tag(ethertype); i++) {
		reader_skip(reader, 2); /* priority and number of the VLAN */
		ethertype = reader_u16(reader);
	}
	if (reader->short_of)
		return refuse(sighting, PACKET_SHORT);
	if (ethertype != IPV4 && ethertype != IPV6)
		return refuse(sighting, PACKET_VERSION);
	return packet_parse(sighting, reader->at, reader->left);
}

enum packet_reason link_frame(struct sighting *sighting, int type, const void *bytes, size_t size)
{
	const struct shape *shape = shape_of(type);
	struct reader reader;
	uint16_t ethertype;

	if (shape == NULL)
		return refuse(sighting, PACKET_VERSION);
	reader_start(&reader, bytes, size);
	reader_skip(&reader, shape->before);
	if (shape->after == NO_TYPE)
		return reader.short_of ? refuse(sighting, PACKET_SHORT)
				       : packet_parse(sighting, reader.at, reader.left);
	ethertype = reader_u16(&reader);
	reader_skip(&reader, (size_t)shape->after);
	return within(sighting, ethertype, &reader);
}
