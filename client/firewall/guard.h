/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dead man's switch: a process of its own, in a session of its own, that takes a change back unless
 * it is told in time that it may stay, and then makes it last. It takes it back too if whoever makes the change dies, with the
 * terminal or by any signal, and if it is itself told to end.
 */
#ifndef GUARD_H
#define GUARD_H

#include <sys/types.h>

#include "error.h"

struct guard {
	pid_t pid;
	int line;   /* to it; -1: it has ended */
	int status; /* with which it has */
};

/* What runs in the guard: keep, once the change may stay (-1: it can't, which is undone then); undo returns 0
 * if all is as it was. */
struct guard_work {
	int (*keep)(void *context, struct error *error);
	int (*undo)(void *context);
	void *context;
};

/* Before the change. */
int guard_start(struct guard *guard, unsigned seconds, const struct guard_work *work,
		struct error *error);
/* The change is made: its seconds begin, for however long that took. 0; -1: it is not to be reached, and
 * what it undid before may have been changed after. */
int guard_made(struct guard *guard);
/* 0: it has kept it, and is gone. -1 with the error: it could not, or is not to be reached, and has taken the
 * change back, or was killed. */
int guard_confirm(struct guard *guard, struct error *error);
/* Has it undo the change now. 0: it has, or had; -1: it could not, or not all of it. */
int guard_refuse(struct guard *guard);

#endif
