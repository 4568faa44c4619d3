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

#include "keys.h"
#include "login.h"
#include "question.h"
#include "wall.h"

/* One line, with room for the longest. */
enum { ANSWERS_LINE = 512 };

struct answer {
	enum question_verb verb;
	uint64_t cursor; /* grants: the number of the last that was printed */
	uint64_t wait;   /* the store's ticket that must be durable first; 0: none */
	uint64_t closed;
	enum login_reason login; /* check */
	struct login_found found;
	const char *error; /* all there is to say is the reason of a refusal */
	bool ended;        /* the empty line is out */
};

void answers_start(const struct keys *keys, const struct now *now);

/* Reads the line and does at once what it asks for. uid is the asker's. */
void answers_begin(struct answer *answer, const char *line, uid_t uid, const struct now *now);

/* For a line that could not be read at all. */
void answers_refuse(struct answer *answer);

/* As many whole lines as fit into size (ANSWERS_LINE at least); returns the bytes. answer->ended says
 * whether that was all; call only once answer->wait is durable. */
size_t answers_more(struct answer *answer, char *text, size_t size, const struct now *now);

#endif
