/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet.h"

#include <stdbool.h>
#include <string.h>

#include "reader.h"

enum { TCP = 6, UDP = 17 };
enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10 };
enum { IPV4_LEAST = 20, UDP_HEADER = 8, EXTENSION_HEADERS = 8 };
/* IPv6 extension headers (RFC 8200, 4; RFC 4302 for AH). */
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, DESTINATION = 60 };

#define PACKET_NAME(symbol, name, text) name,
const char *packet_name(enum packet_reason reason)
{
	static const char *const names[] = {PACKET_REASONS(PACKET_NAME)};
	return names[reason];
}

/* UDP (RFC 768): its length field may be less than what IP carries, never more. */
static enum packet_reason parse_udp(struct sighting *sighting, struct reader *reader)
{
	reader_skip(reader, 2);
	sighting->port = reader_u16(reader);
	uint16_t length = reader_u16(reader);
	reader_skip(reader, 2);
	if (reader->short_of)
		return PACKET_SHORT;
	if (length < UDP_HEADER)
		return PACKET_HEADER;
	size_t payload = (size_t)length - UDP_HEADER;
	if (payload > KNOCK_SIZE + KNOCK_TRAILER)
		return PACKET_LENGTH;
	sighting->kind = SIGHTING_TOUCH;
	if (payload >= KNOCK_SIZE) {
		sighting->kind = SIGHTING_SPA;
		reader_bytes(reader, sighting->knock, KNOCK_SIZE);
	}
	return reader->short_of ? PACKET_SHORT : PACKET_OK;
}

static enum packet_reason parse_tcp(struct sighting *sighting, struct reader *reader)
{
	reader_skip(reader, 2);
	sighting->port = reader_u16(reader);
	reader_skip(reader, 4 + 4 + 1);
	uint8_t flags = reader_u8(reader);
	if (reader->short_of)
		return PACKET_SHORT;
	if ((flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) != TCP_SYN)
		return PACKET_NOT_SYN;
	sighting->kind = SIGHTING_TOUCH;
	return PACKET_OK;
}

static enum packet_reason parse_transport(struct sighting *sighting, struct reader *reader)
{
	enum packet_reason reason = PACKET_PROTOCOL;
	if (sighting->proto == UDP)
		reason = parse_udp(sighting, reader);
	else if (sighting->proto == TCP)
		reason = parse_tcp(sighting, reader);
	return reason == PACKET_OK && sighting->port == 0 ? PACKET_PORT : reason;
}

/* IPv4 (RFC 791). total is what the sender wrote: what lies beyond it is the link's padding; what
 * is missing of it was not captured, and matters only where it is needed. */
static enum packet_reason parse_v4(struct sighting *sighting, struct reader *reader)
{
	uint8_t four[4];
	size_t captured = reader->left;
	size_t header = (size_t)(reader_u8(reader) & 0x0f) * 4;
	reader_skip(reader, 1);
	size_t total = reader_u16(reader);
	reader_skip(reader, 2);
	uint16_t fragment = reader_u16(reader);
	reader_skip(reader, 1);
	sighting->proto = reader_u8(reader);
	reader_skip(reader, 2);
	reader_bytes(reader, four, sizeof four);
	reader_skip(reader, 4);
	if (reader->short_of)
		return PACKET_SHORT;
	if (header < IPV4_LEAST || total < header)
		return PACKET_HEADER;
	if ((fragment & 0x3fff) != 0)
		return PACKET_FRAGMENT;
	if (total < captured)
		reader_limit(reader, total - IPV4_LEAST);
	reader_skip(reader, header - IPV4_LEAST);
	address_from_v4(&sighting->source, four);
	return PACKET_OK;
}

static bool is_extension(uint8_t next)
{
	return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT ||
	       next == AUTHENTICATION || next == DESTINATION;
}

/* Walks to the transport header. A fragment header is refused even on a whole datagram: no client
 * of ours sends one. */
static enum packet_reason skip_extensions(uint8_t *next, struct reader *reader)
{
	for (unsigned i = 0; is_extension(*next); i++) {
		if (i == EXTENSION_HEADERS)
			return PACKET_HEADER;
		if (*next == FRAGMENT)
			return PACKET_FRAGMENT;
		bool authentication = *next == AUTHENTICATION;
		*next = reader_u8(reader);
		size_t length = reader_u8(reader);
		reader_skip(reader, (authentication ? (length + 2) * 4 : (length + 1) * 8) - 2);
		if (reader->short_of)
			return PACKET_SHORT;
	}
	return PACKET_OK;
}

/* IPv6 (RFC 8200). */
static enum packet_reason parse_v6(struct sighting *sighting, struct reader *reader)
{
	reader_skip(reader, 4);
	size_t length = reader_u16(reader);
	sighting->proto = reader_u8(reader);
	reader_skip(reader, 1);
	reader_bytes(reader, sighting->source.bytes, sizeof sighting->source.bytes);
	reader_skip(reader, 16);
	if (reader->short_of)
		return PACKET_SHORT;
	if (length == 0) /* nothing, or a jumbogram (RFC 2675) */
		return PACKET_HEADER;
	if (address_is_v4(&sighting->source)) /* v4-mapped: on no wire of honest hosts */
		return PACKET_SOURCE;
	if (length < reader->left)
		reader_limit(reader, length);
	return skip_extensions(&sighting->proto, reader);
}

static enum packet_reason parse(struct sighting *sighting, const void *bytes, size_t size)
{
	struct reader reader, look;
	reader_start(&reader, bytes, size);
	look = reader;
	uint8_t version = reader_u8(&look) >> 4;
	enum packet_reason reason = look.short_of ? PACKET_SHORT : PACKET_VERSION;
	if (version == 4)
		reason = parse_v4(sighting, &reader);
	else if (version == 6)
		reason = parse_v6(sighting, &reader);
	if (reason != PACKET_OK)
		return reason;
	if (address_is_nobodys(&sighting->source))
		return PACKET_SOURCE;
	return parse_transport(sighting, &reader);
}

enum packet_reason packet_parse(struct sighting *sighting, const void *bytes, size_t size)
{
	memset(sighting, 0, sizeof *sighting);
	enum packet_reason reason = parse(sighting, bytes, size);
	if (reason != PACKET_OK)
		memset(sighting, 0, sizeof *sighting);
	return reason;
}
