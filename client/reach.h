/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Until a TCP port answers: a knock, then attempts to connect from the address that was bound in,
 * soon and often, because what is sent to a port that is still closed is lost; a new knock each
 * second, for knocks are lost too. Several addresses of the host take part a little apart.
 */
#ifndef REACH_H
#define REACH_H

#include <stdint.h>

#include "wish.h"

struct reach {
	const struct wish *wish;
	const struct send_target *targets;
	size_t n_targets;
	struct door door;
	unsigned knocks;     /* that each address had already */
	int64_t deadline_ms; /* of clock_steady_ms; 0: the wish's wait, from the first knock on */
};

/* Returns an exit code, and has said why. With SAY_DONE, *fd is connected, and does not block. */
int reach_door(const struct reach *reach, int *fd);

#endif
