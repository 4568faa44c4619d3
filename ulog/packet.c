/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet.h"

#include <stdbool.h>
#include <string.h>

#include "reader.h"

enum { V4_HEADER = 20, TCP_HEADER = 20, UDP_HEADER = 8 };
enum { V4_MORE = 0x2000, V4_OFFSET = 0x1fff };
enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10 };
enum { EXTENSIONS = 8 };

/* IANA protocol numbers, and next headers of IPv6 (RFC 8200, 4; RFC 4302). */
enum {
	HOP_BY_HOP = 0,
	TCP = 6,
	UDP = 17,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	DESTINATION = 60
};

/* What is left of a packet, layer after layer. */
struct packet {
	struct reader reader; /* what was captured; of that, nothing behind the packet's own end */
	size_t missing;       /* what the packet has beyond that, for it was copied in part */
	uint8_t proto;        /* of what comes next */
};

static const char *const names[] = {
#define PACKET_NAME(symbol, name, text) name,
    PACKET_REASONS(PACKET_NAME)
#undef PACKET_NAME
};

const char *packet_name(enum packet_reason reason)
{
	return (unsigned)reason < PACKET_REASONS_COUNT ? names[reason] : "unknown";
}

static uint16_t u16_at(const uint8_t bytes[static 2])
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Of the payload of the layer that comes next. */
static size_t length_left(const struct packet *packet)
{
	return packet->reader.left + packet->missing;
}

/* A header said how much follows. Behind that lies what a link put there to fill its frame. */
static void set_length(struct packet *packet, size_t length)
{
	size_t captured = packet->reader.left;

	packet->missing = length > captured ? length - captured : 0;
	if (length < captured)
		reader_limit(&packet->reader, length);
}

/* Ok while nothing was read beyond the end: that of the copy, or the one that the packet claims. */
static enum packet_reason check_end(const struct packet *packet)
{
	if (!packet->reader.short_of)
		return PACKET_OK;
	return packet->missing > 0 ? PACKET_SHORT : PACKET_HEADER;
}

/* The header as a whole, but for the first byte, which is read already. A call for each field is what
 * would cost most of a packet. */
static enum packet_reason read_v4(struct sighting *sighting, struct packet *packet, uint8_t first)
{
	enum { AT_TOTAL = 1, AT_FRAGMENT = 5, AT_PROTO = 8, AT_SOURCE = 11 };
	size_t length = (first & 0x0fu) * 4u;
	uint8_t header[V4_HEADER - 1];

	reader_bytes(&packet->reader, header, sizeof header);
	if (packet->reader.short_of)
		return PACKET_SHORT;
	size_t total = u16_at(header + AT_TOTAL);
	packet->proto = header[AT_PROTO];
	if (length < V4_HEADER || total < length)
		return PACKET_HEADER;
	set_length(packet, total - V4_HEADER);
	reader_skip(&packet->reader, length - V4_HEADER); /* options */
	if (u16_at(header + AT_FRAGMENT) & (V4_MORE | V4_OFFSET))
		return PACKET_FRAGMENT;
	address_from_v4(&sighting->source, header + AT_SOURCE);
	return check_end(packet);
}

/* IPv4 within IPv6, as mapped or as the "compatible" form that is no more: nobody sends from it. */
static bool embeds_v4(const struct address *address)
{
	static const uint8_t zero[12];

	return address_is_v4(address) || memcmp(address->bytes, zero, sizeof zero) == 0;
}

static bool is_extension(uint8_t proto)
{
	return proto == HOP_BY_HOP || proto == ROUTING || proto == FRAGMENT ||
	       proto == AUTHENTICATION || proto == DESTINATION;
}

/* A fragment header is refused even on a whole datagram ("atomic", RFC 6946): no client of ours sends
 * one. */
static enum packet_reason read_extension(struct packet *packet)
{
	uint8_t kind = packet->proto;

	if (kind == FRAGMENT)
		return PACKET_FRAGMENT;
	packet->proto = reader_u8(&packet->reader);
	size_t length = reader_u8(&packet->reader);
	length = kind == AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
	reader_skip(&packet->reader, length - 2);
	return check_end(packet);
}

static enum packet_reason read_extensions(struct packet *packet)
{
	enum packet_reason reason = PACKET_OK;

	for (int i = 0; i < EXTENSIONS && reason == PACKET_OK && is_extension(packet->proto); i++)
		reason = read_extension(packet);
	if (reason == PACKET_OK && is_extension(packet->proto))
		return PACKET_HEADER;
	return reason;
}

static enum packet_reason read_v6(struct sighting *sighting, struct packet *packet)
{
	struct reader *reader = &packet->reader;

	reader_skip(reader, 3); /* rest of the traffic class, flow label */
	size_t length = reader_u16(reader);
	packet->proto = reader_u8(reader);
	reader_skip(reader, 1); /* hop limit */
	reader_bytes(reader, sighting->source.bytes, sizeof sighting->source.bytes);
	reader_skip(reader, 16); /* destination */
	if (reader->short_of)
		return PACKET_SHORT;
	if (length == 0) /* a jumbogram (RFC 2675), or nothing at all */
		return PACKET_HEADER;
	if (embeds_v4(&sighting->source))
		return PACKET_SOURCE;
	set_length(packet, length);
	return read_extensions(packet);
}

static enum packet_reason read_ip(struct sighting *sighting, struct packet *packet)
{
	uint8_t first = reader_u8(&packet->reader);
	enum packet_reason reason = PACKET_VERSION;

	if (packet->reader.short_of)
		return PACKET_SHORT;
	if (first >> 4 == 4)
		reason = read_v4(sighting, packet, first);
	else if (first >> 4 == 6)
		reason = read_v6(sighting, packet);
	if (reason == PACKET_OK && address_is_nobodys(&sighting->source))
		return PACKET_SOURCE;
	return reason;
}

static enum packet_reason read_tcp(struct sighting *sighting, struct packet *packet)
{
	struct reader *reader = &packet->reader;
	size_t length = length_left(packet);

	reader_skip(reader, 2); /* source port */
	sighting->port = reader_u16(reader);
	reader_skip(reader, 8); /* sequence and acknowledgement numbers */
	size_t header = (reader_u8(reader) >> 4) * 4u;
	uint8_t flags = reader_u8(reader);
	reader_skip(reader, 6); /* window, checksum, urgent pointer */
	if (reader->short_of)
		return check_end(packet);
	if (header < TCP_HEADER || header > length)
		return PACKET_HEADER;
	if ((flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) != TCP_SYN)
		return PACKET_NOT_SYN;
	sighting->kind = SIGHTING_TOUCH;
	return PACKET_OK;
}

static enum packet_reason read_knock(struct sighting *sighting, struct packet *packet)
{
	size_t payload = length_left(packet);

	if (payload > KNOCK_SIZE + KNOCK_TRAILER)
		return PACKET_LENGTH;
	sighting->kind = SIGHTING_TOUCH;
	if (payload < KNOCK_SIZE)
		return PACKET_OK;
	sighting->kind = SIGHTING_SPA;
	reader_bytes(&packet->reader, sighting->knock, sizeof sighting->knock);
	return check_end(packet);
}

/* Nothing hangs on its checksum: a knock has its tag. */
static enum packet_reason read_udp(struct sighting *sighting, struct packet *packet)
{
	enum { AT_PORT = 2, AT_LENGTH = 4 };
	size_t length = length_left(packet);
	uint8_t header[UDP_HEADER];

	reader_bytes(&packet->reader, header, sizeof header);
	if (packet->reader.short_of)
		return check_end(packet);
	sighting->port = u16_at(header + AT_PORT);
	if (u16_at(header + AT_LENGTH) != length)
		return PACKET_HEADER;
	return read_knock(sighting, packet);
}

static enum packet_reason read_transport(struct sighting *sighting, struct packet *packet)
{
	enum packet_reason reason = PACKET_PROTOCOL;

	if (packet->proto == TCP)
		reason = read_tcp(sighting, packet);
	else if (packet->proto == UDP)
		reason = read_udp(sighting, packet);
	if (reason == PACKET_OK && sighting->port == 0)
		return PACKET_PORT;
	sighting->proto = packet->proto;
	return reason;
}

enum packet_reason packet_parse(struct sighting *sighting, const void *bytes, size_t size)
{
	struct packet packet = {.missing = 0};

	memset(sighting, 0, sizeof *sighting);
	reader_start(&packet.reader, bytes, size);
	enum packet_reason reason = read_ip(sighting, &packet);
	if (reason == PACKET_OK)
		reason = read_transport(sighting, &packet);
	if (reason != PACKET_OK)
		memset(sighting, 0, sizeof *sighting);
	return reason;
}
