/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The orders that came in one turn: applied to the living, committed together, answered one by one.
 * A bad one does not hurt the others, even where only the kernel knows which it is: what it refuses as
 * a whole is tried again in halves. Where the table cannot be written, what was to be opened is taken
 * back; what was to be closed stays closed with us, for the next commit.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"
#include "living.h"
#include "msg.h"
#include "order.h"

enum { BATCH_MAX = 1024 };

struct batch_change {
	struct order order;
	enum order_fault fault; /* what becomes of it: the ack */
	bool undone;            /* by a commit that failed, and not tried again yet */
	bool had;               /* a rule of this grant lived before: */
	struct rule before;
};

struct batch {
	size_t n, n_ended;
	struct batch_change list[BATCH_MAX];
	struct rule ended[BATCH_MAX];
};

void batch_empty(struct batch *batch);
bool batch_full(const struct batch *batch);

/* Removes what has ended by now from the living, as far as there is room. */
void batch_expire(struct batch *batch, struct living *living, uint64_t now_ms);
/* Takes the order. fault is what its check found; it is applied if that is nothing. */
const struct batch_change *batch_take(struct batch *batch, struct living *living,
				      const struct order *order, enum order_fault fault,
				      uint64_t now_ms);
/* Nobody will hear what becomes of them: what was to be opened is taken back. */
void batch_forgo(struct batch *batch, struct living *living);
/* Makes the table agree, each family for itself. 0; or -1, and the orders of a family that could
 * not be written are undone as above. */
int batch_commit(struct batch *batch, struct living *living, const struct backend *backend,
		 struct error *error);

#endif
