/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as what iptables-save or nft have printed: packets come to an end in it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../client/firewall/ruleset.h"
#include "../../client/firewall/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct config config = {
    .firewall = CONFIG_IPTC, .table = "mangle", .chain = "POSTERN", .mark = 0x10000};

/* By one interface, and to one of two addresses. */
static const struct outward outward = {.names = {"eth0"},
				       .count = 1,
				       .addresses = {{.bytes = {0xfd}}, {.bytes = {0x20, 1}}},
				       .n_addresses = 2};

static char *text_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	assert(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static void send_all(const struct ruleset *ruleset)
{
	for (unsigned i = 0; i < 32; i++) {
		struct rule_packet packet = {.family = i & 1 ? RULESET_V4 : RULESET_V6,
					     .proto = i & 2 ? DOOR_TCP : DOOR_UDP,
					     .port = 22,
					     .established = (i & 4) != 0,
					     .granted = (i & 8) != 0,
					     .outward = (i & 16) != 0 ? &outward : NULL};
		struct trace_result result = trace_packet(ruleset, &packet, &config, NULL, NULL);
		assert(result.end <= TRACE_REJECTED);
		assert(result.chain != NULL || result.rule == NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ruleset ruleset = {0};
	uint8_t kind = size > 0 ? data[0] : 0;
	if (size == 0)
		return 0;
	if (kind != 'n')
		ruleset_add_iptables(&ruleset, text_of(data + 1, size - 1),
				     kind == 'c' ? RULESET_COMPAT : RULESET_LEGACY, RULESET_V4,
				     NULL);
	if (kind != 'l')
		ruleset_add_nft(&ruleset, text_of(data + 1, size - 1), NULL);
	send_all(&ruleset);
	ruleset_free(&ruleset);
	return 0;
}
