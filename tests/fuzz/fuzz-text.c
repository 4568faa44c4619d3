/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small words of configuration, keys and tokens: what parses is printed, and parses again to
 * the same. The first byte of the input chooses the word, the rest is its text.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "address.h"
#include "door.h"
#include "encoding.h"
#include "network.h"
#include "portset.h"
#include "when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct error *error)
{
	assert(error->text[0] != '\0');
	assert(strpbrk(error->text, "\n\r\t\033") == NULL);
}

static void try_address(const char *text)
{
	struct address first, again;
	char printed[ADDRESS_TEXT];

	if (address_parse(&first, text) < 0)
		return;
	address_print(printed, &first);
	assert(address_parse(&again, printed) == 0 && address_equal(&first, &again));
}

static void try_network(const char *text)
{
	struct network first, again;
	struct error error;
	char printed[NETWORK_TEXT];

	if (network_parse(&first, text, &error) < 0) {
		check_error(&error);
		return;
	}
	network_print(printed, &first);
	assert(network_parse(&again, printed, &error) == 0);
	assert(address_equal(&first.base, &again.base) && first.prefix == again.prefix);
	assert(network_contains(&first, &first.base));
}

static void try_portset(const char *text)
{
	struct portset first, again;
	struct error error;
	char printed[PORTSET_TEXT];

	if (portset_parse(&first, text, &error) < 0) {
		check_error(&error);
		return;
	}
	portset_print(printed, &first);
	assert(portset_parse(&again, printed, &error) == 0);
	assert(memcmp(&first, &again, sizeof first) == 0);
	for (uint32_t i = 0; i < first.count; i += 1 + first.count / 100)
		assert(portset_rank(&first, portset_nth(&first, i)) == (int32_t)i);
}

static void try_door(const char *text)
{
	struct door first, again;
	struct error error;
	char printed[DOOR_TEXT];

	if (door_parse(&first, text, &error) < 0) {
		check_error(&error);
		return;
	}
	door_print(printed, &first);
	assert(strcmp(printed, text) == 0); /* a door is written in one way only */
	assert(door_parse(&again, printed, &error) == 0 && door_equal(&first, &again));
	assert(first.port != 0 && door_proto_known(first.proto));
}

static void try_span(const char *text)
{
	struct error error;
	char printed[WHEN_SPAN_TEXT];
	uint32_t first, again;

	if (when_span_parse(&first, text, &error) < 0) {
		check_error(&error);
		return;
	}
	when_span_print(printed, first);
	assert(when_span_parse(&again, printed, &error) == 0 && first == again);
}

static void try_moment(const char *text)
{
	struct error error;
	char printed[WHEN_MOMENT_TEXT];
	uint64_t first, again;

	if (when_moment_parse(&first, text, &error) < 0) {
		check_error(&error);
		return;
	}
	when_moment_print(printed, first);
	assert(when_moment_parse(&again, printed, &error) == 0 && first == again);
}

/* Both ways: any text has an escaped form, and what unescapes has a canonical one. */
static void try_percent(const char *text)
{
	size_t room = ENCODING_PERCENT_TEXT(strlen(text));
	char *escaped = malloc(room), *copy = strdup(text);

	assert(escaped != NULL && copy != NULL);
	assert(encoding_percent_encode(escaped, room, text) == strlen(escaped));
	assert(encoding_percent_decode(escaped) == 0 && strcmp(escaped, text) == 0);
	if (encoding_percent_decode(copy) < 0)
		assert(strcmp(copy, text) == 0);
	free(escaped);
	free(copy);
}

static void try_encodings(const char *text)
{
	uint8_t bytes[16];
	char printed[ENCODING_HEX_TEXT(sizeof bytes)];
	size_t length = strlen(text);

	for (size_t size = 0; size <= sizeof bytes; size++) {
		if (encoding_base64_decode(bytes, size, text) == 0) {
			assert(length == ENCODING_BASE64_TEXT(size) - 1);
			encoding_base64_encode(printed, bytes, size);
			assert(strcmp(printed, text) == 0); /* no second way to write it */
		}
		if (encoding_hex_decode(bytes, size, text) == 0) {
			encoding_hex_encode(printed, bytes, size);
			assert(strcasecmp(printed, text) == 0);
		}
	}
}

static void (*const words[])(const char *) = {try_address, try_network, try_portset, try_door,
					      try_span,    try_moment,  try_percent, try_encodings};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	char *text = calloc(1, size); /* of just the size, so that reading on is noticed */
	if (text == NULL)
		return 0;
	memcpy(text, data + 1, size - 1);
	words[data[0] % (sizeof words / sizeof words[0])](text);
	free(text);
	return 0;
}
