/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line from the control socket, read: a verb, then words and field=value pairs with one blank
 * between, values percent-encoded. What a verb takes stands in one table; all else is an error. Pure.
 */
#ifndef QUESTION_H
#define QUESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "ask.h"
#include "door.h"

#define QUESTION_VERBS(X) \
	X(STATUS)         \
	X(GRANTS)         \
	X(BLOCKS)         \
	X(HISTORY)        \
	X(WATCH)          \
	X(OPEN)           \
	X(CLOSE)          \
	X(BLOCK)          \
	X(UNBLOCK)        \
	X(CLOCK_RESET)    \
	X(CHECK)

#define QUESTION_ENUM(name) QUESTION_##name,
enum question_verb { QUESTION_VERBS(QUESTION_ENUM) QUESTION_VERBS_COUNT };
#undef QUESTION_ENUM

struct question {
	enum question_verb verb;
	bool changes;           /* something: for root alone */
	char subject[ASK_LINE]; /* close: an address, a key's name or "all"; else an address */
	bool has_door;          /* of open and check; else any */
	struct door door;
	uint32_t seconds;    /* open, block: for so long; 0: not said */
	uint32_t ago_s;      /* history: from so long ago, */
	uint64_t since_ms;   /* or from this moment on; both 0: all */
	char user[ASK_LINE]; /* check; empty: whoever */
	uint32_t max_age_s;  /* check; 0: as long as the grant lives */
	bool consume;        /* check */

	/* Of check, for telling others: who lets in, to what, whom. Empty: not said. */
	char by[8], service[ASK_LINE], login[ASK_LINE];
};

/* What is wrong with a line; the name is the answer's reason=. */
enum question_fault { QUESTION_GOOD, QUESTION_UNKNOWN, QUESTION_MALFORMED };

/* The line has no newline. */
enum question_fault question_parse(struct question *question, const char *line);

#endif
