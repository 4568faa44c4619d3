/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One knock: sealed, loaded on its carrier, and sent, told or printed.
 */
#ifndef KNOCKING_H
#define KNOCKING_H

#include "carrier.h"
#include "wish.h"

struct knocking {
	const struct wish *wish;
	const struct send_target *target;
	struct request request;
	struct carrier_load load;
};

/* Takes so many times in a row for the knocks of this wish, under the lock of its key. Returns an
 * exit code, and has said why. */
int knocking_take_times(const struct wish *wish, size_t count, uint64_t *first_ms);

/* On this carrier, which need not be that of the wish. An exit code too. */
int knocking_make(struct knocking *one, const struct wish *wish, const struct send_target *target,
		  const struct door *door, enum carrier carrier, uint64_t time_ms);

/* Sends it, or with --dry-run prints it. 0, or -1: not a packet could be sent. */
int knocking_send(const struct knocking *one, struct error *error);

#endif
