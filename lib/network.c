/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

enum { ALL_BITS = 128, V4_OFFSET = 96 }; /* an IPv4 address is the last 32 bits of the 128 */

/* Clears what lies beyond the prefix. Was there anything? */
static bool clear_host_bits(struct address *address, unsigned prefix)
{
	uint8_t cleared = 0;

	for (unsigned i = 0; i < sizeof address->bytes; i++) {
		unsigned kept = prefix > 8 * i ? prefix - 8 * i : 0;
		uint8_t host = (uint8_t)(kept >= 8 ? 0 : 0xff >> kept);
		cleared |= address->bytes[i] & host;
		address->bytes[i] &= (uint8_t)~host;
	}
	return cleared != 0;
}

/* The number after the slash, as bits of the 16-byte form. In dotted quad it counts to 32. */
static int parse_prefix(uint8_t *prefix, const char *text, bool dotted)
{
	uint32_t bits;

	if (number_parse(&bits, text, dotted ? ALL_BITS - V4_OFFSET : ALL_BITS) < 0)
		return -1;
	*prefix = (uint8_t)(dotted ? bits + V4_OFFSET : bits);
	return 0;
}

static int split(struct network *network, const char *text)
{
	char base[ADDRESS_TEXT];
	size_t length = strcspn(text, "/");

	if (length >= sizeof base)
		return -1;
	memcpy(base, text, length);
	base[length] = '\0';
	if (address_parse(&network->base, base) < 0)
		return -1;
	network->prefix = ALL_BITS;
	if (text[length] == '\0')
		return 0;
	return parse_prefix(&network->prefix, text + length + 1, strchr(base, ':') == NULL);
}

int network_parse(struct network *network, const char *text, struct error *error)
{
	struct network parsed;

	if (split(&parsed, text) < 0)
		return error_set(
		    error, "\"%.60s\" is no network; write 192.0.2.0/24 or 2001:db8::/32", text);
	if (clear_host_bits(&parsed.base, parsed.prefix)) {
		char meant[NETWORK_TEXT];
		network_print(meant, &parsed);
		return error_set(error,
				 "\"%.60s\" has bits set beyond its prefix; write %s, or the "
				 "address alone",
				 text, meant);
	}
	*network = parsed;
	return 0;
}

void network_print(char text[static NETWORK_TEXT], const struct network *network)
{
	unsigned prefix = network->prefix;

	address_print(text, &network->base);
	if (prefix == ALL_BITS)
		return;
	if (address_is_v4(&network->base))
		prefix -= V4_OFFSET;
	size_t used = strlen(text);
	snprintf(text + used, NETWORK_TEXT - used, "/%u", prefix);
}

bool network_contains(const struct network *network, const struct address *address)
{
	const struct address *base = &network->base;
	unsigned whole = network->prefix / 8, rest = network->prefix % 8;

	if (address_is_v4(base) != address_is_v4(address))
		return false;
	if (memcmp(base->bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || (base->bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}
