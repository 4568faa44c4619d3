/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of the control socket. What is understood says who is meant and nothing more, and says the
 * same again when it is written anew.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "auth/question.h"
#include "encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fields(const struct question *question)
{
	char door[DOOR_TEXT];

	assert(question->verb == QUESTION_CHECK ||
	       (question->user[0] == '\0' && !question->has_door && question->max_age_s == 0 &&
		!question->consume));
	assert(strlen(question->user) < sizeof question->user);
	if (question->has_door)
		door_print(door, &question->door);
}

static void check_subject(const struct question *question)
{
	char encoded[ENCODING_PERCENT_TEXT(ASK_LINE)], line[sizeof encoded + 16];
	struct question again;

	assert(question->changes || question->verb == QUESTION_CHECK);
	encoding_percent_encode(encoded, sizeof encoded, question->subject);
	snprintf(line, sizeof line, "%s %s", question->verb == QUESTION_CHECK ? "check" : "close",
		 encoded);
	assert(question_parse(&again, line) == QUESTION_GOOD);
	assert(again.verb == question->verb && strcmp(again.subject, question->subject) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct question question;
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
	assert(question.verb < QUESTION_VERBS_COUNT);
	check_fields(&question);
	if (question.verb == QUESTION_CLOSE || question.verb == QUESTION_CHECK)
		check_subject(&question);
	else
		assert(question.subject[0] == '\0' && strcspn(line, "=%") == strlen(line));
	return 0;
}
