/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include <arpa/inet.h>
#include <string.h>

static const uint8_t v4_mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

int address_parse(struct address *address, const char *text)
{
	struct in_addr four;
	struct in6_addr sixteen;

	if (inet_pton(AF_INET, text, &four) == 1) {
		address_from_v4(address, (const uint8_t *)&four);
		return 0;
	}
	if (inet_pton(AF_INET6, text, &sixteen) != 1)
		return -1;
	memcpy(address->bytes, &sixteen, sizeof address->bytes);
	return 0;
}

void address_print(char text[static ADDRESS_TEXT], const struct address *address)
{
	if (address_is_v4(address))
		inet_ntop(AF_INET, address->bytes + sizeof v4_mapped, text, ADDRESS_TEXT);
	else
		inet_ntop(AF_INET6, address->bytes, text, ADDRESS_TEXT);
}

void address_from_v4(struct address *address, const uint8_t four[static 4])
{
	memcpy(address->bytes, v4_mapped, sizeof v4_mapped);
	memcpy(address->bytes + sizeof v4_mapped, four, 4);
}

bool address_is_v4(const struct address *address)
{
	return memcmp(address->bytes, v4_mapped, sizeof v4_mapped) == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static bool v4_is_nobodys(const uint8_t four[static 4])
{
	return four[0] == 0 || four[0] == 127        /* this network, loopback */
	       || (four[0] == 169 && four[1] == 254) /* link-local */
	       || four[0] >= 224;                    /* multicast, reserved, broadcast */
}

static bool v6_is_nobodys(const uint8_t bytes[static 16])
{
	static const uint8_t zero[15];

	if (memcmp(bytes, zero, sizeof zero) == 0 && bytes[15] <= 1)
		return true; /* unspecified, loopback */
	return bytes[0] == 0xff || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

bool address_is_nobodys(const struct address *address)
{
	if (address_is_v4(address))
		return v4_is_nobodys(address->bytes + sizeof v4_mapped);
	return v6_is_nobodys(address->bytes);
}
