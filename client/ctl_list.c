/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_list.h"

#include <stdio.h>
#include <string.h>

#include "ctl_ask.h"
#include "posternctl.h"
#include "say.h"
#include "table.h"
#include "when.h"

enum { MOST_COLUMNS = 16 };

/* A list: its columns are the daemon's fields. */
struct list {
	const struct table_column *columns;
	size_t n_columns;
	struct table *table;
	bool short_form;
};

#define COLUMNS(array) (array), sizeof(array) / sizeof *(array)

/* Fields that one column has room for: no event has both. */
static const char *other_name(const char *name)
{
	static const char *const pairs[][2] = {{"via", "by"}, {"reason", "why"}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (strcmp(name, pairs[i][0]) == 0)
			return pairs[i][1];
	return "";
}

static bool take_row(struct ctl_ask *ask, const char *line)
{
	const struct list *list = ask->context;
	const char *cells[MOST_COLUMNS];
	fields_clear(&ask->fields);
	if (fields_add(&ask->fields, line) != 0) {
		ask->code = ctl_ask_broken();
		return false;
	}
	for (size_t i = 0; i < list->n_columns; i++) {
		const char *name = list->columns[i].name;
		cells[i] = fields_value(&ask->fields, name);
		if (cells[i] == NULL && list->short_form)
			cells[i] = fields_value(&ask->fields, other_name(name));
	}
	if (table_row(list->table, cells) != 0)
		ask->code = ctl_ask_no_memory();
	return true;
}

static int print_list(const struct verb_call *call, const char *question, struct list *list)
{
	struct ctl_ask ask = {.take = take_row, .context = list};
	list->table = table_new(list->columns, list->n_columns);
	if (list->table == NULL)
		return ctl_ask_no_memory();
	int code = ctl_ask_lines(call, question, &ask);
	if (code == SAY_DONE)
		table_print(list->table,
			    call->option[CTL_JSON] != NULL ? TABLE_JSON : TABLE_COLUMNS, stdout);
	table_free(list->table);
	return code;
}

int ctl_list_grants(const struct verb_call *call)
{
	static const struct table_column columns[] = {
	    {"grant", TABLE_NUMBER}, {"key", TABLE_TEXT},  {"id", TABLE_TEXT},
	    {"addr", TABLE_TEXT},    {"door", TABLE_TEXT}, {"since", TABLE_TEXT},
	    {"until", TABLE_TEXT},   {"left", TABLE_TEXT}, {"via", TABLE_TEXT},
	    {"logins", TABLE_NUMBER}};
	struct list list = {COLUMNS(columns), NULL, false};
	return print_list(call, "grants", &list);
}

int ctl_list_blocks(const struct verb_call *call)
{
	static const struct table_column columns[] = {
	    {"addr", TABLE_TEXT}, {"until", TABLE_TEXT}, {"left", TABLE_TEXT}};
	struct list list = {COLUMNS(columns), NULL, false};
	return print_list(call, "blocks", &list);
}

/* For a person, in one line that a terminal may hold; in JSON, every field under its own name. */
static const struct table_column short_columns[] = {
    {"at", TABLE_TEXT},   {"event", TABLE_TEXT},  {"addr", TABLE_TEXT},
    {"door", TABLE_TEXT}, {"key", TABLE_TEXT},    {"grant", TABLE_NUMBER},
    {"via", TABLE_TEXT},  {"reason", TABLE_TEXT}, {"user", TABLE_TEXT},
};
static const struct table_column all_columns[] = {
    {"at", TABLE_TEXT},   {"event", TABLE_TEXT},   {"key", TABLE_TEXT},    {"id", TABLE_TEXT},
    {"addr", TABLE_TEXT}, {"door", TABLE_TEXT},    {"for", TABLE_TEXT},    {"grant", TABLE_NUMBER},
    {"via", TABLE_TEXT},  {"why", TABLE_TEXT},     {"reason", TABLE_TEXT}, {"by", TABLE_TEXT},
    {"user", TABLE_TEXT}, {"service", TABLE_TEXT},
};

int ctl_list_history(const struct verb_call *call)
{
	struct list brief = {COLUMNS(short_columns), NULL, true};
	struct list all = {COLUMNS(all_columns), NULL, false};
	const char *since = call->option[CTL_SINCE];
	char question[64] = "history";
	uint32_t seconds;
	uint64_t moment;
	if (since != NULL) {
		bool is_span = when_span_parse(&seconds, since, NULL) == 0 && seconds > 0;
		if (!is_span && when_moment_parse(&moment, since, NULL) != 0)
			return say(
			    SAY_USAGE,
			    "--since: %s is neither a time (10m, 7d) nor a date (2027-01-01, UTC)",
			    since);
		snprintf(question, sizeof question, "history since=%s", since);
	}
	return print_list(call, question, call->option[CTL_JSON] != NULL ? &all : &brief);
}
