/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answers to the control socket's questions, made a piece at a time, as the asker reads them; so
 * an answer may be long, and needs no memory. doc and INTERFACES name the fields.
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "login.h"
#include "question.h"
#include "report.h"
#include "wall.h"

/* Room for all there is of most answers, and for many lines of the long ones. */
enum { ANSWERS_PAGE = 4096 };

struct answer {
	enum question_verb verb;
	struct report_cursor cursor; /* of a list; watch: watch's place */
	uint64_t since_ms;           /* history */
	uint64_t wait;               /* the store's ticket that must be durable first; 0: none */
	uint64_t number;             /* open: of the grant; close, block, unblock: how many */
	uint64_t logins;             /* close, block: likewise */
	struct address address;      /* open: for whom, */
	struct door door;            /* and what */
	enum login_reason login;     /* check */
	struct login_found found;
	const char *error; /* all there is to say is the reason of a refusal */
	bool ended;        /* the empty line is out */
};

/* Reads the line and does at once what it asks for. uid is the asker's. */
void answers_begin(struct answer *answer, const char *line, uid_t uid, const struct now *now);

/* Another answer: no, for this reason. Also for a line that could not be read at all. */
void answers_refuse(struct answer *answer, const char *reason);

/* Is there nothing to say for now? done: the store's last durable ticket. */
bool answers_wait(const struct answer *answer, uint64_t done);

/* As many whole lines as fit into size (ANSWERS_PAGE); returns the bytes. answer->ended says
 * whether that was all; call only where answers_wait says no. */
size_t answers_more(struct answer *answer, char *text, size_t size, const struct now *now);

#endif
