/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verbs that ask the daemon have in common: a question over its control socket, its
 * refusals in words, and a line of the answer taken apart.
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include <stdbool.h>

#include "fields.h"
#include "verb.h"

enum { CTL_ASK_PATIENCE_MS = 10000 };

/* Asks the daemon of the call's configuration. take gets each line that is no refusal, and says whether
 * to go on. Returns an exit code; what is wrong has been said, but for a code that take has set, who
 * says it himself. */
struct ctl_ask {
	bool (*take)(struct ctl_ask *ask, const char *line);
	void *context;
	int code;             /* at first SAY_DONE; take may set another */
	struct fields fields; /* for take's use */
};
int ctl_ask_lines(const struct verb_call *call, const char *question, struct ctl_ask *ask);

/* An answer of one line: *value is that field's. */
int ctl_ask_value(const struct verb_call *call, const char *question, const char *field,
		  struct ctl_ask *ask, const char **value);

/* Is this line a refusal? Then says what it means, and sets ask->code. */
bool ctl_ask_refused(struct ctl_ask *ask, const char *line);

/* Say what they are called, and return the exit code. */
int ctl_ask_broken(void);
int ctl_ask_no_memory(void);

#endif
