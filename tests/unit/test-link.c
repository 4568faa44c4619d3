/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "unit.h"

/* A TCP SYN from 192.0.2.7, and from 2001:db8::7, to port 443. */
#define V4                                                     \
	"4500002812344000400600 00c0000207c6336401 9c4001bb00" \
	"00000100000000 5002ffff00000000"
#define V6                                                                 \
	"6000000000140640 20010db8000000000000000000000007 20010db8000000" \
	"000000000000000001 9c4001bb0000000100000000 5002ffff00000000"
#define MACS "020000000001 020000000002 "
#define SLL  "0000 0001 0006 0200000000010000 "
#define SLL2 " 0000 00000003 0001 00 06 0200000000010000 "

static size_t unhex(uint8_t *out, const char *hex)
{
	size_t size = 0;

	for (; *hex != '\0'; hex++) {
		char pair[3] = {hex[0], hex[1], '\0'};
		if (*hex == ' ')
			continue;
		out[size++] = (uint8_t)strtoul(pair, NULL, 16);
		hex++;
	}
	return size;
}

/* From a copy of just this size, so that a sanitizer sees any step beyond. */
static enum packet_reason parse(struct sighting *sighting, int type, const uint8_t *bytes,
				size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	enum packet_reason reason;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	memset(sighting, 0xaa, sizeof *sighting);
	reason = link_frame(sighting, type, copy, size);
	free(copy);
	return reason;
}

static const struct {
	int type;
	const char *header;
} v4s[] = {
    {LINK_NULL, "02000000"},
    {LINK_NULL, "00000002"},
    {LINK_LOOP, "00000002"},
    {LINK_RAW, ""},
    {LINK_V4, ""},
    {LINK_ETHERNET, MACS "0800"},
    {LINK_ETHERNET, MACS "8100 0005 0800"},
    {LINK_ETHERNET, MACS "88a8 e005 8100 0006 0800"},
    {LINK_ETHERNET, MACS "9100 0001 9100 0002 9100 0003 8100 0004 0800"},
    {LINK_SLL, SLL "0800"},
    {LINK_SLL, SLL "8100 0005 0800"},
    {LINK_SLL2, "0800" SLL2},
    {LINK_SLL2, "8100" SLL2 "0005 0800"},
};

static void every_link_carries_a_packet(void **state)
{
	struct sighting sighting;
	struct address source;
	uint8_t bytes[200];

	(void)state;
	address_parse(&source, "192.0.2.7");
	for (size_t i = 0; i < COUNT(v4s); i++) {
		size_t header = unhex(bytes, v4s[i].header),
		       size = header + unhex(bytes + header, V4);
		assert_true(link_known(v4s[i].type));
		assert_int_equal(parse(&sighting, v4s[i].type, bytes, size), PACKET_OK);
		assert_int_equal(sighting.port, 443);
		assert_int_equal(sighting.kind, SIGHTING_TOUCH);
		assert_true(address_equal(&sighting.source, &source));
		assert_int_equal(sighting.time_ms, 0);
		/* What fills a frame up is no part of it. */
		memset(bytes + size, 0, 6);
		assert_int_equal(parse(&sighting, v4s[i].type, bytes, size + 6), PACKET_OK);
	}
}

static void both_families(void **state)
{
	static const struct {
		int type;
		const char *frame;
	} frames[] = {
	    {LINK_ETHERNET, MACS "86dd" V6},
	    {LINK_SLL, SLL "86dd" V6},
	    {LINK_SLL2, "86dd" SLL2 V6},
	    {LINK_RAW, V6},
	    {LINK_V6, V6},
	    {LINK_NULL, "1e000000" V6},
	};
	struct sighting sighting;
	uint8_t bytes[200];

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		size_t size = unhex(bytes, frames[i].frame);
		assert_int_equal(parse(&sighting, frames[i].type, bytes, size), PACKET_OK);
		assert_false(address_is_v4(&sighting.source));
	}
}

static void what_is_cut_off_is_short(void **state)
{
	static const struct sighting none;
	struct sighting sighting;
	uint8_t bytes[200];

	(void)state;
	for (size_t i = 0; i < COUNT(v4s); i++) {
		size_t size = unhex(bytes, v4s[i].header);
		size += unhex(bytes + size, V4);
		for (size_t less = 0; less < size; less++) {
			assert_int_equal(parse(&sighting, v4s[i].type, bytes, less), PACKET_SHORT);
			assert_memory_equal(&sighting, &none, sizeof none);
		}
	}
}

static void what_is_no_ip(void **state)
{
	static const struct {
		int type;
		const char *frame;
	} frames[] = {
	    {LINK_ETHERNET, MACS "0806 00010800" V4},  /* ARP */
	    {LINK_ETHERNET, MACS "0028 aaaa03" V4},    /* 802.3 */
	    {LINK_ETHERNET, MACS "8100 0001 0806" V4}, /* in a VLAN */
	    {LINK_ETHERNET,
	     MACS "8100 0001 8100 0002 8100 0003 8100 0004 8100 0005 0800" V4}, /* too many */
	    {LINK_SLL, SLL "88cc" V4},
	    {LINK_SLL2, "0004" SLL2 V4},
	    {LINK_RAW, "05000000" V4},
	    {147, V4},
	    {-1, V4},
	};
	static const struct sighting none;
	struct sighting sighting;
	uint8_t bytes[200];

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		size_t size = unhex(bytes, frames[i].frame);
		assert_int_equal(parse(&sighting, frames[i].type, bytes, size), PACKET_VERSION);
		assert_memory_equal(&sighting, &none, sizeof none);
	}
	assert_false(link_known(147));
	assert_false(link_known(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_link_carries_a_packet),
	    cmocka_unit_test(both_families),
	    cmocka_unit_test(what_is_cut_off_is_short),
	    cmocka_unit_test(what_is_no_ip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
