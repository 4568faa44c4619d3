/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question to the daemon's control socket: one line out, the answer in, with a deadline over
 * all of it. Checks that root is who listens (SO_PEERCRED), so that no other process can answer.
 */
#ifndef ASK_H
#define ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "error.h"

enum { ASK_LINE = 1024 }; /* longest line either way, with its terminator */

/* Why there is no answer. */
enum ask_result {
	ASK_OK = 0,
	ASK_NO_DAEMON = -1, /* no socket, or nobody listens: it may be starting */
	ASK_TIMEOUT = -2,
	ASK_BROKEN = -3, /* hung up early, or answered what no daemon answers */
	ASK_CANNOT = -4  /* somebody else listens there, or we may not ask: nothing was asked */
};

/* Sends the line (without its end) and gives each line of the answer (without its end) to take,
 * until an empty line, or take returns false: what ends before that is broken. For questions whose answer is one
 * line, take returns false at the first. trusted is the uid that must have called listen: 0, but
 * for tests. timeout_ms below 0 waits for ever (watch). A line of the answer is printable ASCII. */
enum ask_result ask(const char *path, const char *line, int timeout_ms, uid_t trusted,
		    bool (*take)(void *context, const char *line), void *context,
		    struct error *error);

#endif
