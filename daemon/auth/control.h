/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: connections, each with one question in one line and its answer. A fixed number
 * of them, nothing waits for any, and who is slow, silent or greedy is dropped: after a while, or
 * when another needs the place. Root is put out for root alone, so nobody else can crowd out what
 * sshd asks. Who watches keeps his place, of which there are few, and misses what he is too slow for.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "wall.h"

enum { CONTROL_SLOTS = 64, CONTROL_WATCHERS = 16, CONTROL_PATIENCE_MS = 5000 };

/* socket listens; it is made non-blocking, so before lockdown. */
void control_start(int socket);
void control_end(void);

/* Fills in what to poll for; returns how many, at most CONTROL_SLOTS + 1. The same array goes to
 * control_serve afterwards. */
size_t control_poll(struct pollfd *polls);
/* done: the store's last durable ticket. */
void control_serve(const struct pollfd *polls, size_t count, uint64_t done, const struct now *now);

/* When the next connection has been silent for too long. control_serve drops it. */
uint64_t control_deadline(void);

#endif
