/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What those ask who let in: has this address knocked? A plain yes, or the reason why not. While the
 * daemon is not there it may be starting again, so it is asked again until the time is over.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "ask.h"
#include "door.h"

enum { CHECK_WAIT_MS = 2000, CHECK_REASON = 33 };

struct check {
	struct address address;
	const char *user;        /* null: not asked for */
	const struct door *door; /* null: any */
	bool has_max_age, consume;
	uint32_t max_age_s;

	/* What the daemon tells whoever watches it, of a no. Null: it is no login that is asked for. */
	const char *by;              /* "pam", "tcpd" */
	const char *service, *login; /* null: not said. A user is a login, too */
};

struct check_answer {
	char question[ASK_LINE], line[ASK_LINE]; /* for whoever looks for a mistake */
	struct error error;
	char reason[CHECK_REASON]; /* the daemon's, or timeout, or no-daemon; empty: yes */
};

/* Returns whether it is a yes. The user's name is at most 256 bytes. */
bool check_ask(struct check_answer *answer, const char *socket, const struct check *check);

/* What the daemon's line says: true for a yes. What no daemon of ours says is no-daemon. */
bool check_read(char reason[static CHECK_REASON], const char *line);

#endif
