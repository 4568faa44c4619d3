/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "packet.h"
#include "unit.h"

/* A packet under construction. */
struct bytes {
	size_t size;
	uint8_t at[2048];
};

static void put(struct bytes *b, const char *hex)
{
	for (; *hex != '\0'; hex++) {
		char pair[3] = {hex[0], hex[1], '\0'};
		if (*hex == ' ')
			continue;
		b->at[b->size++] = (uint8_t)strtoul(pair, NULL, 16);
		hex++;
	}
}

static void put_u16(struct bytes *b, unsigned value)
{
	b->at[b->size++] = (uint8_t)(value >> 8);
	b->at[b->size++] = (uint8_t)value;
}

static void put_u16_at(struct bytes *b, size_t place, unsigned value)
{
	b->at[place] = (uint8_t)(value >> 8);
	b->at[place + 1] = (uint8_t)value;
}

static void put_payload(struct bytes *b, size_t size)
{
	for (size_t i = 0; i < size; i++)
		b->at[b->size++] = (uint8_t)(i + 1);
}

/* 192.0.2.7 to 198.51.100.1; options of a multiple of 4 bytes. */
static struct bytes v4(unsigned proto, size_t options)
{
	struct bytes b = {0};
	b.at[b.size++] = (uint8_t)(0x45 + options / 4);
	put(&b, "00 0000 1234 4000 40");
	b.at[b.size++] = (uint8_t)proto;
	put(&b, "0000 c0000207 c6336401");
	memset(b.at + b.size, 1, options);
	b.size += options;
	return b;
}

/* 2001:db8::7 to 2001:db8::1 */
static struct bytes v6(unsigned next)
{
	struct bytes b = {0};
	put(&b, "60000000 0000");
	b.at[b.size++] = (uint8_t)next;
	put(&b, "40 20010db8000000000000000000000007 20010db8000000000000000000000001");
	return b;
}

static void put_udp(struct bytes *b, unsigned port, size_t payload)
{
	put(b, "9c40");
	put_u16(b, port);
	put_u16(b, (unsigned)(8 + payload));
	put(b, "0000");
	put_payload(b, payload);
}

static void put_tcp(struct bytes *b, unsigned port, const char *flags)
{
	put(b, "9c40");
	put_u16(b, port);
	put(b, "00000001 00000000 50");
	put(b, flags);
	put(b, "ffff 0000 0000");
}

/* Writes the lengths that the IP header has to carry. */
static struct bytes closed(struct bytes b)
{
	if (b.at[0] >> 4 == 4)
		put_u16_at(&b, 2, (unsigned)b.size);
	else
		put_u16_at(&b, 4, (unsigned)b.size - 40);
	return b;
}

/* From a copy on the heap of just this size, so that a sanitizer sees any step beyond. */
static enum packet_reason parse(struct sighting *sighting, const struct bytes *b, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	assert_non_null(copy);
	memcpy(copy, b->at, size);
	enum packet_reason reason = packet_parse(sighting, copy, size);
	free(copy);
	return reason;
}

static void expect(struct bytes b, enum packet_reason reason)
{
	static const struct sighting none;
	struct sighting sighting;
	assert_string_equal(packet_name(parse(&sighting, &b, b.size)), packet_name(reason));
	if (reason != PACKET_OK)
		assert_memory_equal(&sighting, &none, sizeof none);
}

static struct bytes udp4(unsigned port, size_t payload)
{
	struct bytes b = v4(17, 0);
	put_udp(&b, port, payload);
	return closed(b);
}

static struct bytes udp6(unsigned port, size_t payload)
{
	struct bytes b = v6(17);
	put_udp(&b, port, payload);
	return closed(b);
}

static struct bytes tcp4(unsigned port, const char *flags)
{
	struct bytes b = v4(6, 0);
	put_tcp(&b, port, flags);
	return closed(b);
}

static void udp_becomes_a_sighting(void **state)
{
	struct bytes made[] = {udp4(443, 32), udp6(443, 200)};
	static const char *const sources[] = {"192.0.2.7", "2001:db8::7"};
	(void)state;
	for (size_t i = 0; i < COUNT(made); i++) {
		struct sighting s;
		char text[ADDRESS_TEXT];
		assert_int_equal(parse(&s, &made[i], made[i].size), PACKET_OK);
		address_print(text, &s.source);
		assert_string_equal(text, sources[i]);
		assert_int_equal(s.port, 443);
		assert_int_equal(s.proto, 17);
		assert_int_equal(s.kind, SIGHTING_SPA);
		assert_int_equal(s.time_ms, 0);
		for (unsigned j = 0; j < KNOCK_SIZE; j++)
			assert_int_equal(s.knock[j], j + 1);
	}
}

static void size_tells_a_knock_from_a_touch(void **state)
{
	static const struct {
		size_t payload;
		enum packet_reason reason;
		int kind;
	} cases[] = {{0, PACKET_OK, SIGHTING_TOUCH}, {31, PACKET_OK, SIGHTING_TOUCH},
		     {32, PACKET_OK, SIGHTING_SPA},  {33, PACKET_OK, SIGHTING_SPA},
		     {256, PACKET_OK, SIGHTING_SPA}, {257, PACKET_LENGTH, 0},
		     {1400, PACKET_LENGTH, 0}};
	static const uint8_t zero[KNOCK_SIZE];
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = udp4(1000, cases[i].payload);
		struct sighting s;
		assert_int_equal(parse(&s, &b, b.size), cases[i].reason);
		assert_int_equal(s.kind, cases[i].kind);
		if (cases[i].kind != SIGHTING_SPA)
			assert_memory_equal(s.knock, zero, sizeof zero);
	}
}

static void only_the_first_packet_of_a_connection(void **state)
{
	static const struct {
		const char *flags;
		enum packet_reason reason;
	} cases[] = {{"02", PACKET_OK},      {"c2", PACKET_OK},      {"0a", PACKET_OK},
		     {"12", PACKET_NOT_SYN}, {"10", PACKET_NOT_SYN}, {"04", PACKET_NOT_SYN},
		     {"03", PACKET_NOT_SYN}, {"00", PACKET_NOT_SYN}, {"29", PACKET_NOT_SYN},
		     {"06", PACKET_NOT_SYN}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		expect(tcp4(20480, cases[i].flags), cases[i].reason);
	struct bytes b = v6(6);
	put_tcp(&b, 20480, "02");
	expect(closed(b), PACKET_OK);
}

static void options_and_padding(void **state)
{
	struct sighting s;
	(void)state;
	for (size_t options = 0; options <= 40; options += 4) {
		struct bytes b = v4(17, options);
		put_udp(&b, 53, 40);
		b = closed(b);
		put_payload(&b, 6); /* the link's padding */
		assert_int_equal(parse(&s, &b, b.size), PACKET_OK);
		assert_int_equal(s.knock[31], 32);
	}
	/* Padding is not payload: 31 bytes stay 31. */
	struct bytes b = udp4(53, 31);
	put_payload(&b, 20);
	assert_int_equal(parse(&s, &b, b.size), PACKET_OK);
	assert_int_equal(s.kind, SIGHTING_TOUCH);
	/* And a UDP length may not reach into it. */
	b = udp4(53, 20);
	put_u16_at(&b, 24, 8 + 40);
	put_payload(&b, 60);
	expect(b, PACKET_HEADER);
}

/* What IP carries and what UDP says it carries must be the same. */
static void length_of_udp(void **state)
{
	(void)state;
	for (unsigned length = 0; length <= 100; length++) {
		struct bytes b = udp4(53, 40);
		put_u16_at(&b, 24, length);
		expect(b, length == 48 ? PACKET_OK : PACKET_HEADER);
		b = udp6(53, 40);
		put_u16_at(&b, 44, length);
		expect(b, length == 48 ? PACKET_OK : PACKET_HEADER);
	}
	for (size_t carried = 0; carried < 8; carried++) {
		struct bytes b = v4(17, 0);
		put_payload(&b, carried);
		expect(closed(b), PACKET_HEADER);
	}
}

static void length_of_tcp(void **state)
{
	(void)state;
	for (unsigned words = 0; words <= 15; words++) {
		struct bytes b = tcp4(20480, "02");
		b.at[32] = (uint8_t)(words << 4);
		memset(b.at + b.size, 1, 16); /* options for 9 words, not more */
		b.size += 16;
		expect(closed(b), words >= 5 && words <= 9 ? PACKET_OK : PACKET_HEADER);
	}
	for (size_t carried = 0; carried < 20; carried++) {
		struct bytes b = v4(6, 0);
		put_payload(&b, carried);
		expect(closed(b), PACKET_HEADER);
	}
}

/* A copy may end anywhere behind the knock, or behind the headers where there is none. */
static void part_of_a_packet(void **state)
{
	struct bytes most = udp4(53, 256), more = udp4(53, 257), touch = udp4(53, 31);
	struct bytes syn = tcp4(20480, "02");
	struct sighting s;
	(void)state;
	assert_int_equal(parse(&s, &most, 20 + 8 + 31), PACKET_SHORT);
	assert_int_equal(parse(&s, &most, 20 + 8 + 32), PACKET_OK);
	assert_int_equal(s.kind, SIGHTING_SPA);
	assert_int_equal(parse(&s, &more, 20 + 8), PACKET_LENGTH);
	assert_int_equal(parse(&s, &touch, 20 + 8), PACKET_OK);
	assert_int_equal(s.kind, SIGHTING_TOUCH);
	/* Its options were not copied. */
	syn.at[32] = 0xa0;
	syn.size += 20;
	syn = closed(syn);
	assert_int_equal(parse(&s, &syn, 40), PACKET_OK);
}

static void extension_headers(void **state)
{
	static const struct {
		unsigned next;
		const char *hex;
		enum packet_reason reason;
	} cases[] = {{0, "11 00 000000000000", PACKET_OK},
		     {60, "11 01 0000000000000000000000000000", PACKET_OK},
		     {43, "11 00 000000000000", PACKET_OK},
		     {51, "11 01 0000 00000001 00000001", PACKET_OK},
		     {0, "3c 00 000000000000 11 00 000000000000", PACKET_OK},
		     {44, "11 00 0000 00000001", PACKET_FRAGMENT},
		     {44, "11 00 0001 00000001", PACKET_FRAGMENT},
		     {0, "2c 00 000000000000 11 00 0000 00000001", PACKET_FRAGMENT},
		     {0, "11 ff 000000000000", PACKET_HEADER},
		     {51, "11 ff 0000 00000001 00000001", PACKET_HEADER},
		     {59, "", PACKET_PROTOCOL},
		     {58, "", PACKET_PROTOCOL},
		     {50, "", PACKET_PROTOCOL}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = v6(cases[i].next);
		put(&b, cases[i].hex);
		put_udp(&b, 53, 32);
		expect(closed(b), cases[i].reason);
	}
	for (unsigned headers = 1; headers <= 9; headers++) {
		struct bytes b = v6(60);
		for (unsigned i = 1; i <= headers; i++)
			put(&b, i == headers ? "11 00 000000000000" : "3c 00 000000000000");
		put_udp(&b, 53, 32);
		expect(closed(b), headers <= 8 ? PACKET_OK : PACKET_HEADER);
	}
}

static void contradictions(void **state)
{
	(void)state;
	struct bytes b = udp4(53, 32);
	b.at[0] = 0x44; /* a header of 16 bytes */
	expect(b, PACKET_HEADER);
	b = udp4(53, 32);
	put_u16_at(&b, 2, 19); /* a total of less than the header */
	expect(b, PACKET_HEADER);
	b = udp4(53, 32);
	b.at[0] = 0x4f; /* a header of 60: the transport begins in the payload */
	expect(b, PACKET_HEADER);
	b = udp4(53, 32);
	put_u16_at(&b, 24, 7); /* a UDP datagram shorter than its header */
	expect(b, PACKET_HEADER);
	b = udp6(53, 32);
	put_u16_at(&b, 4, 0); /* a jumbogram */
	expect(b, PACKET_HEADER);
	b = udp6(53, 32);
	put_u16_at(&b, 4, 39); /* one byte less than UDP says */
	expect(b, PACKET_HEADER);
	for (unsigned version = 0; version < 16; version++)
		if (version != 4 && version != 6) {
			b = udp4(53, 32);
			b.at[0] = (uint8_t)(version << 4 | 5);
			expect(b, PACKET_VERSION);
		}
}

static void fragments(void **state)
{
	static const struct {
		unsigned field;
		enum packet_reason reason;
	} cases[] = {{0x0000, PACKET_OK},       {0x4000, PACKET_OK}, /* don't fragment */
		     {0x8000, PACKET_OK},                            /* reserved */
		     {0x2000, PACKET_FRAGMENT}, {0x0001, PACKET_FRAGMENT},
		     {0x1fff, PACKET_FRAGMENT}};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bytes b = udp4(53, 32);
		put_u16_at(&b, 6, cases[i].field);
		expect(b, cases[i].reason);
	}
}

static void sources_that_are_nobodys(void **state)
{
	static const char *const four[] = {"00000000", "7f000001", "e0000001", "ffffffff",
					   "a9fe0101", "f0000001", "00000001"};
	static const char *const six[] = {
	    "00000000000000000000000000000000", "00000000000000000000000000000001",
	    "ff020000000000000000000000000001", "fe800000000000000000000000000001",
	    "00000000000000000000ffffc0000207", "000000000000000000000000c0000207"};
	(void)state;
	for (size_t i = 0; i < COUNT(four); i++) {
		struct bytes b = udp4(53, 32);
		b.size = 12;
		put(&b, four[i]);
		b.size = 20 + 8 + 32;
		expect(b, PACKET_SOURCE);
	}
	for (size_t i = 0; i < COUNT(six); i++) {
		struct bytes b = udp6(53, 32);
		b.size = 8;
		put(&b, six[i]);
		b.size = 40 + 8 + 32;
		expect(b, PACKET_SOURCE);
	}
}

static void other_protocols_and_port_0(void **state)
{
	(void)state;
	for (unsigned proto = 0; proto < 256; proto++)
		if (proto != 6 && proto != 17) {
			struct bytes b = v4(proto, 0);
			put_udp(&b, 53, 32);
			expect(closed(b), PACKET_PROTOCOL);
		}
	expect(udp4(0, 32), PACKET_PORT);
	expect(tcp4(0, "02"), PACKET_PORT);
}

/* However little was captured: short, or refused for another reason, never a knock out of nothing. */
static void every_truncation(void **state)
{
	struct bytes made[] = {udp4(53, 32), udp6(53, 32), tcp4(53, "02"), v6(60), v4(17, 40)};
	static const size_t whole[] = {60, 80, 40, 0, 0};
	put(&made[3], "11 01 0000000000000000000000000000");
	put_udp(&made[3], 53, 32);
	put_udp(&made[4], 53, 32);
	made[3] = closed(made[3]);
	made[4] = closed(made[4]);
	(void)state;
	for (size_t i = 0; i < COUNT(made); i++)
		for (size_t size = 0; size < made[i].size; size++) {
			struct sighting s;
			enum packet_reason reason = parse(&s, &made[i], size);
			if (whole[i] == 0 || size < whole[i])
				assert_int_equal(reason, PACKET_SHORT);
			else
				assert_int_equal(reason, PACKET_OK);
		}
}

static void every_reason_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < PACKET_REASONS_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(packet_name((enum packet_reason)i),
						packet_name((enum packet_reason)j));
	assert_string_equal(packet_name(PACKET_NOT_SYN), "not-syn");
	assert_string_equal(packet_name(PACKET_REASONS_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(udp_becomes_a_sighting),
	    cmocka_unit_test(size_tells_a_knock_from_a_touch),
	    cmocka_unit_test(only_the_first_packet_of_a_connection),
	    cmocka_unit_test(options_and_padding),
	    cmocka_unit_test(length_of_udp),
	    cmocka_unit_test(length_of_tcp),
	    cmocka_unit_test(part_of_a_packet),
	    cmocka_unit_test(extension_headers),
	    cmocka_unit_test(contradictions),
	    cmocka_unit_test(fragments),
	    cmocka_unit_test(sources_that_are_nobodys),
	    cmocka_unit_test(other_protocols_and_port_0),
	    cmocka_unit_test(every_truncation),
	    cmocka_unit_test(every_reason_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
