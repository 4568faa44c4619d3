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
	X(CLOSE)          \
	X(CLOCK_RESET)    \
	X(CHECK)

#define QUESTION_ENUM(name) QUESTION_##name,
enum question_verb { QUESTION_VERBS(QUESTION_ENUM) QUESTION_VERBS_COUNT };
#undef QUESTION_ENUM

struct question {
	enum question_verb verb;
	bool changes;           /* something: for root alone */
	char subject[ASK_LINE]; /* check: an address; close: that, a key's name or "all" */

	/* Of check. */
	char user[ASK_LINE]; /* empty: whoever */
	bool has_door;       /* else any */
	struct door door;
	uint32_t max_age_s; /* 0: as long as the grant lives */
	bool consume;
};

/* What is wrong with a line; the name is the answer's reason=. */
enum question_fault { QUESTION_GOOD, QUESTION_UNKNOWN, QUESTION_MALFORMED };

/* The line has no newline. */
enum question_fault question_parse(struct question *question, const char *line);

#endif
