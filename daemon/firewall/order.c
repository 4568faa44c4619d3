/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "order.h"

#include <errno.h>
#include <string.h>

#include "name.h"

enum { SLACK_MS = 1000 }; /* auth and we round, and time passes in between */

const struct order_about *order_about(enum order_fault fault)
{
	static const struct order_about table[ORDER_FAULTS_COUNT] = {
#define ENTRY(symbol, name, result, text) [ORDER_FAULT_##symbol] = {name, text, result},
	    ORDER_FAULTS(ENTRY)
#undef ENTRY
	};

	return &table[fault];
}

bool order_fault_bad(enum order_fault fault)
{
	return fault != ORDER_FAULT_NOTHING && fault <= ORDER_FAULT_OTHER;
}

static bool door_listed(const struct door *door, const struct config *config)
{
	for (uint32_t i = 0; i < config->n_doors && i < CONFIG_DOORS; i++)
		if (door_equal(door, &config->doors[i]))
			return true;
	return false;
}

static bool own(const struct address *address, const struct start *start)
{
	for (uint32_t i = 0; i < start->n_own && i < MSG_OWN; i++)
		if (address_equal(address, &start->own[i]))
			return true;
	return false;
}

static enum order_fault check_open(const struct order *order, const struct start *start,
				   uint64_t now_ms)
{
	static const char zero[sizeof(order->zero)];
	uint64_t most_ms = (uint64_t)start->config.grant_max_s * 1000 + SLACK_MS;

	if (memcmp(order->zero, zero, sizeof(zero)) != 0 || order->door.zero != 0)
		return ORDER_FAULT_FORM;
	if (!name_valid(order->key))
		return ORDER_FAULT_KEY;
	if (!door_proto_known(order->door.proto) || order->door.port == 0 ||
	    !door_listed(&order->door, &start->config))
		return ORDER_FAULT_DOOR;
	if (address_is_nobodys(&order->address))
		return ORDER_FAULT_ADDRESS;
	if (own(&order->address, start))
		return ORDER_FAULT_OWN;
	if (order->until_ms <= now_ms)
		return ORDER_FAULT_OVER;
	return order->until_ms - now_ms > most_ms ? ORDER_FAULT_SPAN : ORDER_FAULT_NOTHING;
}

enum order_fault order_check(const struct order *order, const struct start *start, uint64_t now_ms)
{
	if (order->grant == 0)
		return ORDER_FAULT_GRANT;
	if (order->verb == ORDER_CLOSE)
		return ORDER_FAULT_NOTHING;
	return order->verb == ORDER_OPEN ? check_open(order, start, now_ms) : ORDER_FAULT_VERB;
}
