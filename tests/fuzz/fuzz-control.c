/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of the control socket. What is understood says what its verb may say and nothing more, and
 * says the same again when it is written anew.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "auth/question.h"
#include "encoding.h"
#include "when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const verbs[QUESTION_VERBS_COUNT] = {
    [QUESTION_STATUS] = "status",   [QUESTION_GRANTS] = "grants",
    [QUESTION_BLOCKS] = "blocks",   [QUESTION_HISTORY] = "history",
    [QUESTION_WATCH] = "watch",     [QUESTION_OPEN] = "open",
    [QUESTION_CLOSE] = "close",     [QUESTION_BLOCK] = "block",
    [QUESTION_UNBLOCK] = "unblock", [QUESTION_CLOCK_RESET] = "clock reset",
    [QUESTION_CHECK] = "check",
};

/* Long enough for each field of a line, percent-encoded. */
struct line {
	char text[5 * ENCODING_PERCENT_TEXT(ASK_LINE)];
	size_t used;
};

static void put(struct line *line, const char *field, const char *value)
{
	char encoded[ENCODING_PERCENT_TEXT(ASK_LINE)];

	encoding_percent_encode(encoded, sizeof encoded, value);
	line->used += (size_t)snprintf(line->text + line->used, sizeof line->text - line->used,
				       "%s%s", field, encoded);
}

static void put_span(struct line *line, const char *field, uint32_t seconds)
{
	char text[16];

	snprintf(text, sizeof text, "%u", seconds);
	if (seconds > 0)
		put(line, field, text);
}

static void write_anew(struct line *line, const struct question *question)
{
	char door[DOOR_TEXT], moment[WHEN_MOMENT_TEXT];
	bool checks = question->verb == QUESTION_CHECK;

	line->used = (size_t)snprintf(line->text, sizeof line->text, "%s", verbs[question->verb]);
	if (question->subject[0] != '\0')
		put(line, " ", question->subject);
	door_print(door, &question->door);
	if (question->has_door)
		put(line, checks ? " door=" : " ", door);
	if (question->user[0] != '\0')
		put(line, " user=", question->user);
	if (question->by[0] != '\0')
		put(line, " by=", question->by);
	if (question->service[0] != '\0')
		put(line, " service=", question->service);
	if (question->login[0] != '\0')
		put(line, " login=", question->login);
	put_span(line, " max-age=", question->max_age_s);
	put_span(line, " for=", question->seconds);
	put_span(line, " since=", question->ago_s);
	when_moment_print(moment, question->since_ms);
	if (question->since_ms > 0)
		put(line, " since=", moment);
	if (question->consume)
		put(line, " consume", "");
}

static void check_verb(const struct question *question)
{
	enum question_verb verb = question->verb;
	bool checks = verb == QUESTION_CHECK, opens = verb == QUESTION_OPEN;

	assert(verb < QUESTION_VERBS_COUNT);
	assert(checks || (question->user[0] == '\0' && question->max_age_s == 0 &&
			  !question->consume && question->by[0] == '\0' &&
			  question->service[0] == '\0' && question->login[0] == '\0'));
	assert(question->has_door == opens || checks);
	assert(question->seconds == 0 || opens || verb == QUESTION_BLOCK);
	assert((question->ago_s == 0 && question->since_ms == 0) || verb == QUESTION_HISTORY);
	/* What changes something is known as such. */
	if (checks)
		assert(question->changes == question->consume);
	else
		assert(question->changes == (opens || verb == QUESTION_CLOSE ||
					     verb == QUESTION_BLOCK || verb == QUESTION_UNBLOCK ||
					     verb == QUESTION_CLOCK_RESET));
}

static void check_same(const struct question *a, const struct question *b)
{
	assert(a->verb == b->verb && a->changes == b->changes && a->consume == b->consume);
	assert(a->has_door == b->has_door && door_equal(&a->door, &b->door));
	assert(strcmp(a->subject, b->subject) == 0 && strcmp(a->user, b->user) == 0);
	assert(strcmp(a->by, b->by) == 0 && strcmp(a->service, b->service) == 0);
	assert(strcmp(a->login, b->login) == 0);
	assert(a->max_age_s == b->max_age_s && a->seconds == b->seconds);
	assert(a->ago_s == b->ago_s && a->since_ms == b->since_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct question question, again;
	struct line anew;
	char line[ASK_LINE];

	/* control.c hands on no more than this, without newline or NUL. */
	if (size >= sizeof line)
		size = sizeof line - 1;
	memcpy(line, data, size);
	line[size] = '\0';
	line[strcspn(line, "\n")] = '\0';

	enum question_fault fault = question_parse(&question, line);
	assert(fault == QUESTION_GOOD || fault == QUESTION_UNKNOWN || fault == QUESTION_MALFORMED);
	if (fault != QUESTION_GOOD)
		return 0;
	check_verb(&question);
	write_anew(&anew, &question);
	assert(question_parse(&again, anew.text) == QUESTION_GOOD);
	check_same(&question, &again);
	return 0;
}
