/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "question.h"

#include <stdio.h>
#include <string.h>

#include "encoding.h"

/* verb: its words; subject: whether one word more must follow. None takes fields yet, so that each
 * is an unknown one. */
static const struct {
	const char *verb;
	bool subject, changes;
} table[QUESTION_VERBS_COUNT] = {
    [QUESTION_STATUS] = {"status", false, false},
    [QUESTION_GRANTS] = {"grants", false, false},
    [QUESTION_CLOSE] = {"close", true, true},
    [QUESTION_CLOCK_RESET] = {"clock reset", false, true},
};

/* What follows the verb in the line; null: it is another. */
static const char *after(const char *line, const char *verb)
{
	size_t length = strlen(verb);

	if (strncmp(line, verb, length) != 0 || (line[length] != '\0' && line[length] != ' '))
		return NULL;
	return line + length;
}

/* rest: the blank and one word, or nothing. */
static enum question_fault take_subject(struct question *question, const char *rest, bool wanted)
{
	if (!wanted || rest[0] == '\0')
		return !wanted && rest[0] == '\0' ? QUESTION_GOOD : QUESTION_MALFORMED;
	const char *word = rest + 1;
	if (word[0] == '\0' || strpbrk(word, " =") != NULL ||
	    snprintf(question->subject, sizeof question->subject, "%s", word) >=
		(int)sizeof question->subject ||
	    encoding_percent_decode(question->subject) == -1)
		return QUESTION_MALFORMED;
	return QUESTION_GOOD;
}

enum question_fault question_parse(struct question *question, const char *line)
{
	memset(question, 0, sizeof *question);
	for (size_t i = 0; i < QUESTION_VERBS_COUNT; i++) {
		const char *rest = after(line, table[i].verb);
		if (rest == NULL)
			continue;
		question->verb = (enum question_verb)i;
		question->changes = table[i].changes;
		return take_subject(question, rest, table[i].subject);
	}
	return QUESTION_UNKNOWN;
}
