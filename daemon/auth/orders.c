/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "orders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* Two for each grant there can be; a firewall that is further behind does not work. */
enum { ROOM_MOST = 2 * GRANT_TABLE + 1 };

struct item {
	enum msg_type type;
	union {
		struct order order;
		struct restored restored;
	} body;
};

/* A ring that grows. */
static struct {
	int channel;
	struct item *items;
	size_t room, first, count;
	size_t unanswered; /* orders, sent or not */
} queue;

void orders_start(int channel)
{
	free(queue.items);
	memset(&queue, 0, sizeof queue);
	queue.channel = channel;
}

static void grow(void)
{
	size_t room = queue.room > 0 ? queue.room * 2 : 64;
	struct item *items = reallocarray(NULL, room, sizeof *items);

	if (queue.count >= ROOM_MOST)
		log_fatal("the firewall process takes no orders: %zu wait", queue.count);
	if (items == NULL)
		log_fatal("no memory for orders to the firewall process: %zu wait", queue.count);
	for (size_t i = 0; i < queue.count; i++)
		items[i] = queue.items[(queue.first + i) % queue.room];
	free(queue.items);
	queue.items = items;
	queue.room = room;
	queue.first = 0;
}

static struct item *append(enum msg_type type)
{
	if (queue.count == queue.room)
		grow();
	struct item *item = &queue.items[(queue.first + queue.count++) % queue.room];
	memset(item, 0, sizeof *item);
	item->type = type;
	return item;
}

void orders_put(enum order_verb verb, const struct grant *grant)
{
	struct order *order = &append(MSG_ORDER)->body.order;

	order->grant = grant->number;
	order->until_ms = grant->until_boot_ms;
	order->address = grant->address;
	order->door = grant->door;
	order->verb = verb;
	memcpy(order->key, grant->key, sizeof order->key);
	queue.unanswered++;
}

void orders_answered(void)
{
	if (queue.unanswered > 0)
		queue.unanswered--;
}

bool orders_unanswered(void)
{
	return queue.unanswered > 0;
}

void orders_put_restored(uint64_t count)
{
	append(MSG_RESTORED)->body.restored.count = count;
}

void orders_announce(const struct address *address)
{
	const struct coming coming = {.address = *address};

	if (queue.count == 0)
		(void)msg_send(queue.channel, MSG_COMING, &coming);
}

int orders_send(void)
{
	while (queue.count > 0) {
		const struct item *item = &queue.items[queue.first];
		if (msg_send(queue.channel, item->type, &item->body) == -1)
			return errno == EAGAIN ? 0 : -1;
		queue.first = (queue.first + 1) % queue.room;
		queue.count--;
	}
	return 0;
}

bool orders_waiting(void)
{
	return queue.count > 0;
}
