/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "question.h"

#include <stdio.h>
#include <string.h>

#include "encoding.h"
#include "when.h"

/* Fields, each once and in any order; those with a value end in "=". Each takes its value, or says
 * that it is malformed. */
typedef bool take_value(struct question *question, const char *value);

static bool take_user(struct question *question, const char *value)
{
	snprintf(question->user, sizeof question->user, "%s", value);
	return value[0] != '\0';
}

static bool take_door(struct question *question, const char *value)
{
	question->has_door = true;
	return door_parse(&question->door, value, NULL) == 0;
}

static bool take_max_age(struct question *question, const char *value)
{
	return when_span_parse(&question->max_age_s, value, NULL) == 0 && question->max_age_s > 0;
}

/* What is used up is gone: for root alone. */
static bool take_consume(struct question *question, const char *value)
{
	question->consume = question->changes = true;
	return value[0] == '\0';
}

static const struct {
	const char *name;
	take_value *take;
} fields[] = {
    {"user=", take_user},
    {"door=", take_door},
    {"max-age=", take_max_age},
    {"consume", take_consume},
};

enum { FIELDS = sizeof fields / sizeof *fields };

/* verb: its words; subject: whether one word more must follow; fields: whether some may. */
static const struct {
	const char *verb;
	bool subject, fields, changes;
} table[QUESTION_VERBS_COUNT] = {
    [QUESTION_CHECK] = {"check", true, true, false},
    [QUESTION_STATUS] = {"status", false, false, false},
    [QUESTION_GRANTS] = {"grants", false, false, false},
    [QUESTION_CLOSE] = {"close", true, false, true},
    [QUESTION_CLOCK_RESET] = {"clock reset", false, false, true},
};

/* What follows the verb in the line; null: it is another. */
static const char *after(const char *line, const char *verb)
{
	size_t length = strlen(verb);

	if (strncmp(line, verb, length) != 0 || (line[length] != '\0' && line[length] != ' '))
		return NULL;
	return line + length;
}

/* The blank at *rest and the word behind it, decoded; moves *rest. False: none, or malformed. */
static bool take_word(char word[static ASK_LINE], const char **rest)
{
	if (**rest != ' ')
		return false;
	size_t length = strcspn(*rest + 1, " ");
	if (length == 0 || length >= ASK_LINE)
		return false;
	memcpy(word, *rest + 1, length);
	word[length] = '\0';
	*rest += 1 + length;
	return true;
}

static bool take_subject(struct question *question, const char **rest)
{
	return take_word(question->subject, rest) && strchr(question->subject, '=') == NULL &&
	       encoding_percent_decode(question->subject) == 0;
}

static bool take_field(struct question *question, char *word, bool seen[static FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		size_t length = strlen(fields[i].name);
		if (strncmp(word, fields[i].name, length) != 0)
			continue;
		bool again = seen[i];
		seen[i] = true;
		return !again && encoding_percent_decode(word + length) == 0 &&
		       fields[i].take(question, word + length);
	}
	return false;
}

static bool take_fields(struct question *question, const char *rest)
{
	char word[ASK_LINE];
	bool seen[FIELDS] = {false};

	while (*rest != '\0')
		if (!take_word(word, &rest) || !take_field(question, word, seen))
			return false;
	return true;
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
		if (table[i].subject && !take_subject(question, &rest))
			return QUESTION_MALFORMED;
		bool good = table[i].fields ? take_fields(question, rest) : *rest == '\0';
		return good ? QUESTION_GOOD : QUESTION_MALFORMED;
	}
	return QUESTION_UNKNOWN;
}
