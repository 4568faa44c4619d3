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

static bool take_span(uint32_t *seconds, const char *value)
{
	return when_span_parse(seconds, value, NULL) == 0 && *seconds > 0;
}

static bool take_max_age(struct question *question, const char *value)
{
	return take_span(&question->max_age_s, value);
}

static bool take_for(struct question *question, const char *value)
{
	return take_span(&question->seconds, value);
}

static bool take_since(struct question *question, const char *value)
{
	return take_span(&question->ago_s, value) ||
	       when_moment_parse(&question->since_ms, value, NULL) == 0;
}

/* What is used up is gone: for root alone. */
static bool take_consume(struct question *question, const char *value)
{
	question->consume = question->changes = true;
	return value[0] == '\0';
}

static bool take_by(struct question *question, const char *value)
{
	snprintf(question->by, sizeof question->by, "%s", value);
	return strcmp(value, "pam") == 0 || strcmp(value, "tcpd") == 0;
}

static bool take_service(struct question *question, const char *value)
{
	snprintf(question->service, sizeof question->service, "%s", value);
	return value[0] != '\0';
}

static bool take_login(struct question *question, const char *value)
{
	snprintf(question->login, sizeof question->login, "%s", value);
	return value[0] != '\0';
}

#define FIELDS_TABLE(X)                      \
	X(USER, "user=", take_user)          \
	X(DOOR, "door=", take_door)          \
	X(MAX_AGE, "max-age=", take_max_age) \
	X(CONSUME, "consume", take_consume)  \
	X(BY, "by=", take_by)                \
	X(SERVICE, "service=", take_service) \
	X(LOGIN, "login=", take_login)       \
	X(FOR, "for=", take_for)             \
	X(SINCE, "since=", take_since)

#define FIELD_ENUM(symbol, name, take) FIELD_##symbol,
enum { FIELDS_TABLE(FIELD_ENUM) FIELDS };
#undef FIELD_ENUM

static const struct {
	const char *name;
	take_value *take;
} fields[] = {
#define FIELD_ROW(symbol, name, take) {name, take},
    FIELDS_TABLE(FIELD_ROW)
#undef FIELD_ROW
};

#define MAY(symbol) (1u << FIELD_##symbol)
#define CHECK_FIELDS \
	(MAY(USER) | MAY(DOOR) | MAY(MAX_AGE) | MAY(CONSUME) | MAY(BY) | MAY(SERVICE) | MAY(LOGIN))

/* verb: its words; subject, door: whether one word more must follow; fields: those that may. */
static const struct {
	const char *verb;
	bool subject, door, changes;
	unsigned fields;
} table[QUESTION_VERBS_COUNT] = {
    [QUESTION_STATUS] = {"status", false, false, false, 0},
    [QUESTION_GRANTS] = {"grants", false, false, false, 0},
    [QUESTION_BLOCKS] = {"blocks", false, false, false, 0},
    [QUESTION_HISTORY] = {"history", false, false, false, MAY(SINCE)},
    [QUESTION_WATCH] = {"watch", false, false, false, 0},
    [QUESTION_OPEN] = {"open", true, true, true, MAY(FOR)},
    [QUESTION_CLOSE] = {"close", true, false, true, 0},
    [QUESTION_BLOCK] = {"block", true, false, true, MAY(FOR)},
    [QUESTION_UNBLOCK] = {"unblock", true, false, true, 0},
    [QUESTION_CLOCK_RESET] = {"clock reset", false, false, true, 0},
    [QUESTION_CHECK] = {"check", true, false, false, CHECK_FIELDS},
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

static bool take_second(struct question *question, const char **rest)
{
	char word[ASK_LINE];

	return take_word(word, rest) && encoding_percent_decode(word) == 0 &&
	       take_door(question, word);
}

static bool take_field(struct question *question, char *word, bool seen[static FIELDS])
{
	for (size_t i = 0; i < FIELDS; i++) {
		size_t length = strlen(fields[i].name);
		if (!(table[question->verb].fields & 1u << i) ||
		    strncmp(word, fields[i].name, length) != 0)
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
		if ((table[i].subject && !take_subject(question, &rest)) ||
		    (table[i].door && !take_second(question, &rest)) ||
		    !take_fields(question, rest))
			return QUESTION_MALFORMED;
		return QUESTION_GOOD;
	}
	return QUESTION_UNKNOWN;
}
