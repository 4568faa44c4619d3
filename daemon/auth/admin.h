/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the administrator does by hand: open, close, block, unblock. Each is done at once; who has
 * asked is told when it is on record.
 */
#ifndef ADMIN_H
#define ADMIN_H

#include "question.h"
#include "wall.h"

struct admin_result {
	const char *error; /* null, or the answer's reason= */
	uint64_t number;   /* of the grant; or how many were closed, or unblocked */
	uint64_t logins;   /* so many knocks were good for a login, and no longer are */
	uint64_t wait;     /* the store's ticket that must be durable first; 0: none */
};

/* It is open when the firewall has said so, which answers look for. */
struct admin_result admin_open(const struct question *question, const struct now *now);
struct admin_result admin_close(const struct question *question, const struct now *now);
struct admin_result admin_block(const struct question *question, const struct now *now);
struct admin_result admin_unblock(const struct question *question, const struct now *now);

#endif
