/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "clock.h"
#include "ctl.h"
#include "ctl_ask.h"
#include "posternctl.h"
#include "say.h"
#include "table.h"
#include "when.h"

/* ECMA-48: bold is 1, the colours are 31 to 36, and 0 ends them. */
static const struct {
	const char *event, *colour;
} colours[] = {
    {"opened", "32"},    {"closed", "36"}, {"refused", "33"},  {"denied", "33"}, {"blocked", "35"},
    {"unblocked", "35"}, {"noise", "34"},  {"attack", "1;31"}, {"missed", "31"},
};

/* By the common word of no-color.org, whatever its value, unless that is empty. */
static bool colours_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
	return isatty(STDOUT_FILENO) && (no == NULL || *no == '\0') && terminal != NULL &&
	       strcmp(terminal, "dumb") != 0;
}

static const char *colour_of(const char *line)
{
	static const char prefix[] = "event=";
	const char *event = line + sizeof prefix - 1;
	if (strncmp(line, prefix, sizeof prefix - 1) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
		size_t length = strlen(colours[i].event);
		if (strncmp(event, colours[i].event, length) == 0 &&
		    (event[length] == ' ' || event[length] == '\0'))
			return colours[i].colour;
	}
	return NULL;
}

static void print_text(const char *line, bool coloured)
{
	const char *colour = coloured ? colour_of(line) : NULL;
	char clock[16] = "";
	time_t now = time(NULL);
	struct tm tm;
	if (localtime_r(&now, &tm) != NULL)
		strftime(clock, sizeof clock, "%H:%M:%S ", &tm);
	if (colour != NULL)
		printf("%s\033[%sm%s\033[0m\n", clock, colour, line);
	else
		printf("%s%s\n", clock, line);
}

/* Fields whose values are numbers always; a key may be called "7", which is none. */
static enum table_kind kind_of(const char *name)
{
	static const char *const numbers[] = {"grant", "packets", "sources", "seconds",
					      "lost",  "held",    "lines"};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(name, numbers[i]) == 0)
			return TABLE_NUMBER;
	return TABLE_TEXT;
}

/* An object a line, with the time in "at" as the history has it. */
static int print_json(struct fields *fields, const char *line)
{
	struct table_column columns[FIELDS_MOST + 1] = {{"at", TABLE_TEXT}};
	const char *cells[FIELDS_MOST + 1];
	char moment[WHEN_MOMENT_TEXT];
	fields_clear(fields);
	if (fields_add(fields, line) != 0)
		return ctl_ask_broken();
	when_moment_print(moment, clock_now_ms());
	cells[0] = moment;
	for (size_t i = 0; i < fields->count; i++) {
		const char *name = fields->list[i].name;
		columns[i + 1] = (struct table_column){name, kind_of(name)};
		cells[i + 1] = fields->list[i].value;
	}
	struct table *table = table_new(columns, fields->count + 1);
	bool done = table != NULL && table_row(table, cells) == 0;
	if (done)
		table_print(table, TABLE_OBJECT, stdout);
	table_free(table);
	return done ? SAY_DONE : ctl_ask_no_memory();
}

struct watching {
	struct ctl_ask ask;
	bool json, coloured;
};

static bool take_line(void *context, const char *line)
{
	struct watching *watching = context;
	if (ctl_ask_refused(&watching->ask, line))
		return false;
	if (watching->json)
		watching->ask.code = print_json(&watching->ask.fields, line);
	else
		print_text(line, watching->coloured);
	if (fflush(stdout) != 0)
		watching->ask.code = say(SAY_FAILED, "what happens can't be printed");
	return watching->ask.code == SAY_DONE;
}

/* Until there is nothing to watch any more. A reload gives a new daemon behind the same socket. */
int ctl_watch(const struct verb_call *call)
{
	struct watching watching = {.json = call->option[CTL_JSON] != NULL,
				    .coloured = colours_wanted()};
	struct ctl ctl;
	struct error error;
	int code = ctl_start_anyway(&ctl, call, false);
	while (code == SAY_DONE) {
		enum ask_result result =
		    ask(ctl.config.control, "watch", -1, 0, take_line, &watching, &error);
		code = watching.ask.code;
		if (code == SAY_DONE && result == ASK_NO_DAEMON)
			code = say(SAY_FAILED, "%s", error.text);
		else if (code == SAY_DONE)
			say(SAY_DONE,
			    "posternd has begun anew; what it said meanwhile is in the log");
		if (code == SAY_DONE)
			sleep(1); /* whoever hangs up at once is not asked without end */
	}
	return code;
}
