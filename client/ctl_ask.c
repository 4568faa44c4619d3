/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_ask.h"

#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "ctl.h"
#include "encoding.h"
#include "number.h"
#include "posternctl.h"
#include "say.h"
#include "table.h"

enum { PATIENCE_MS = 10000, MOST_FIELDS = 64, MOST_TEXT = 4096 };

/* A line of an answer, "field=value field=value", taken apart in place. */
struct fields {
	char line[MOST_TEXT];
	struct {
		const char *name, *value;
	} list[MOST_FIELDS];
	size_t count;
};

/* 0, or -1: this is no such line. */
static int split(struct fields *fields, const char *line)
{
	char *at, *rest = fields->line;
	fields->count = 0;
	snprintf(fields->line, sizeof fields->line, "%s", line);
	while ((at = strsep(&rest, " ")) != NULL) {
		char *value = strchr(at, '=');
		if (value == NULL || fields->count == MOST_FIELDS)
			return -1;
		*value++ = '\0';
		if (encoding_percent_decode(value) != 0)
			return -1;
		fields->list[fields->count].name = at;
		fields->list[fields->count++].value = value;
	}
	return 0;
}

static const char *value_of(const struct fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (strcmp(fields->list[i].name, name) == 0)
			return fields->list[i].value;
	return NULL;
}

/* An answer on its way. */
struct answer {
	int code;             /* what is wrong with it has been said */
	struct table *table;  /* of rows */
	struct fields fields; /* of the latest line */
};

static const struct {
	const char *reason, *text;
} refusals[] = {
    {"not-root", "only root may do this"},
    {"malformed", "the daemon does not understand the question; is it of another version?"},
    {"unknown-question", "the daemon does not know this question; is it of another version?"},
};

static bool refused(struct answer *answer, const char *line)
{
	static const char prefix[] = "error reason=";
	const char *text = line + sizeof prefix - 1;
	if (strncmp(line, prefix, sizeof prefix - 1) != 0)
		return false;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (strcmp(text, refusals[i].reason) == 0)
			text = refusals[i].text;
	answer->code = say(SAY_REFUSED, "%s", text);
	return true;
}

static int say_broken(void)
{
	return say(SAY_FAILED,
		   "the answer is none that posternd would give; is it of another version?");
}

static int say_no_memory(void)
{
	return say(SAY_FAILED, "out of memory");
}

static const struct table_column grant_columns[] = {
    {"grant", TABLE_NUMBER}, {"key", TABLE_TEXT},      {"id", TABLE_TEXT},    {"addr", TABLE_TEXT},
    {"door", TABLE_TEXT},    {"since", TABLE_TEXT},    {"until", TABLE_TEXT}, {"left", TABLE_TEXT},
    {"via", TABLE_TEXT},     {"logins", TABLE_NUMBER},
};

enum { GRANT_COLUMNS = sizeof grant_columns / sizeof *grant_columns };

/* A grant; fields that we do not know are of a later version. */
static bool take_grant(void *context, const char *line)
{
	struct answer *answer = context;
	const char *cells[GRANT_COLUMNS];
	if (refused(answer, line))
		return false;
	if (split(&answer->fields, line) != 0) {
		answer->code = say_broken();
		return false;
	}
	for (size_t i = 0; i < GRANT_COLUMNS; i++)
		cells[i] = value_of(&answer->fields, grant_columns[i].name);
	if (table_row(answer->table, cells) != 0)
		answer->code = say_no_memory();
	return answer->code == SAY_DONE;
}

/* Says why there is none, if there is none. */
static int put_question(const struct ctl *ctl, const char *question,
			bool (*take)(void *context, const char *line), struct answer *answer)
{
	struct error error;
	answer->code = SAY_DONE;
	if (ask(ctl->config.control, question, PATIENCE_MS, 0, take, answer, &error) != ASK_OK)
		return say(SAY_FAILED, "%s", error.text);
	return answer->code;
}

int ctl_ask_grants(const struct verb_call *call)
{
	struct ctl ctl;
	struct answer answer;
	int code = ctl_start(&ctl, call);
	if (code != SAY_DONE)
		return code;
	answer.table = table_new(grant_columns, GRANT_COLUMNS);
	if (answer.table == NULL)
		return say_no_memory();
	code = put_question(&ctl, "grants", take_grant, &answer);
	if (code == SAY_DONE)
		table_print(answer.table,
			    call->option[CTL_JSON] != NULL ? TABLE_JSON : TABLE_COLUMNS, stdout);
	table_free(answer.table);
	return code;
}

/* Lines of one pair each, gathered into one long line: the one row that they are. */
struct status {
	struct answer answer;
	size_t used;
	char line[MOST_TEXT];
};

static bool take_pair(void *context, const char *line)
{
	struct status *status = context;
	if (refused(&status->answer, line))
		return false;
	size_t left = sizeof status->line - status->used;
	int length =
	    snprintf(status->line + status->used, left, "%s%s", status->used > 0 ? " " : "", line);
	if ((size_t)length >= left)
		status->answer.code = say_broken();
	else
		status->used += (size_t)length;
	return status->answer.code == SAY_DONE;
}

/* The columns are what the daemon tells; numbers are what looks like some. */
static int print_status(const struct fields *fields, enum table_form form)
{
	struct table_column columns[MOST_FIELDS];
	const char *cells[MOST_FIELDS];
	for (size_t i = 0; i < fields->count; i++) {
		columns[i] = (struct table_column){fields->list[i].name, TABLE_NUMBER};
		cells[i] = fields->list[i].value;
	}
	struct table *table = table_new(columns, fields->count);
	int code = SAY_DONE;
	if (table == NULL || table_row(table, cells) != 0)
		code = say_no_memory();
	else
		table_print(table, form, stdout);
	table_free(table);
	return code;
}

int ctl_ask_status(const struct verb_call *call)
{
	struct ctl ctl;
	struct status status = {.used = 0};
	struct fields *fields = &status.answer.fields;
	int code = ctl_start(&ctl, call);
	if (code == SAY_DONE)
		code = put_question(&ctl, "status", take_pair, &status.answer);
	if (code != SAY_DONE)
		return code;
	if (split(fields, status.line) != 0)
		return say_broken();
	return print_status(fields, call->option[CTL_JSON] != NULL ? TABLE_OBJECT : TABLE_RECORDS);
}

/* For questions whose answer is one line: it stays in answer->fields. */
static bool take_only(void *context, const char *line)
{
	struct answer *answer = context;
	if (!refused(answer, line) && split(&answer->fields, line) != 0)
		answer->code = say_broken();
	return false;
}

/* Asks it, and finds this field in the one line. */
static int ask_value(const struct verb_call *call, const char *question, const char *field,
		     struct answer *answer, const char **value)
{
	struct ctl ctl;
	answer->fields.count = 0;
	int code = ctl_start(&ctl, call);
	if (code == SAY_DONE)
		code = put_question(&ctl, question, take_only, answer);
	if (code != SAY_DONE)
		return code;
	*value = value_of(&answer->fields, field);
	return *value != NULL ? SAY_DONE : say_broken();
}

static bool is_target(const char *text)
{
	struct address address;
	return address_parse(&address, text) == 0 || token_name_valid(text);
}

int ctl_ask_close(const struct verb_call *call)
{
	struct answer answer;
	char question[ASK_LINE];
	const char *number, *target = call->arguments[0];
	uint32_t closed;
	if (!is_target(target))
		return say(SAY_USAGE, "%s is no address, no key's name and not all", target);
	snprintf(question, sizeof question, "close %s", target);
	int code = ask_value(call, question, "closed", &answer, &number);
	if (code != SAY_DONE)
		return code;
	if (number_parse(&closed, number, UINT32_MAX) != 0)
		return say_broken();
	if (closed == 0 && strcmp(target, "all") != 0)
		return say(SAY_REFUSED, "nothing is open for %s", target);
	printf("%u closed\n", closed);
	return SAY_DONE;
}

int ctl_ask_clock_reset(const struct verb_call *call)
{
	struct answer answer;
	const char *clock;
	int code = ask_value(call, "clock reset", "clock", &answer, &clock);
	if (code != SAY_DONE)
		return code;
	if (strcmp(clock, "ok") != 0)
		return say(SAY_FAILED, "the clock still stands behind the record");
	puts("the clock is taken for right");
	return SAY_DONE;
}
