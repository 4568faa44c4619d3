/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be said to the firewall, in the order in which it was said: a queue, because the
 * firewall may be busy with a commit, and nobody here waits for it.
 */
#ifndef ORDERS_H
#define ORDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "grant.h"
#include "msg.h"

void orders_start(int channel);
void orders_put(enum order_verb verb, const struct grant *grant);
void orders_put_restored(uint64_t count);

/* Says that an order for that address may come; it does not matter if that gets lost. */
void orders_announce(const struct address *address);
/* Sends as much as the firewall takes. 0, or -1: it has gone. */
int orders_send(void);
bool orders_waiting(void); /* something is left: poll for writing */

/* The firewall has answered one; has it not yet answered all that were put? */
void orders_answered(void);
bool orders_unanswered(void);

#endif
