/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl_ask.h"
#include "posternctl.h"
#include "say.h"
#include "table.h"
#include "when.h"

static bool take_pair(struct ctl_ask *ask, const char *line)
{
	if (fields_add(&ask->fields, line) != 0)
		ask->code = ctl_ask_broken();
	return true;
}

/* Reasons that nothing was refused for, and marks of files: of no interest to a person. */
static bool is_boring(const char *name, const char *value)
{
	if (strcmp(name, "config-file") == 0 || strcmp(name, "keys-file") == 0)
		return true;
	if (strcmp(name, "reloads-refused") == 0)
		return strcmp(value, "0") == 0;
	bool of_reason = strncmp(name, "refused-", 8) == 0 || strncmp(name, "denied-", 7) == 0;
	return of_reason && strcmp(value, "0") == 0;
}

/* The columns are what the daemon tells; numbers are what looks like some. */
static int print_table(const struct fields *fields, enum table_form form)
{
	struct table_column columns[FIELDS_MOST];
	const char *cells[FIELDS_MOST];
	size_t count = 0;
	for (size_t i = 0; i < fields->count; i++) {
		const char *name = fields->list[i].name, *value = fields->list[i].value;
		if (form == TABLE_RECORDS && is_boring(name, value))
			continue;
		columns[count] = (struct table_column){name, TABLE_NUMBER};
		cells[count++] = value;
	}
	struct table *table = table_new(columns, count);
	int code = SAY_DONE;
	if (table == NULL || table_row(table, cells) != 0)
		code = ctl_ask_no_memory();
	else
		table_print(table, form, stdout);
	table_free(table);
	return code;
}

/* How a field's value becomes a metric's. REASONS: it begins several fields, one a reason. */
enum kind { NUMBER, SPAN, MOMENT, BEHIND, REASONS };

static const struct metric {
	const char *field, *name, *type, *help;
	enum kind kind;
} metrics[] = {
    {"started", "start_time_seconds", "gauge", "When postern-auth began, since 1970.", MOMENT},
    {"uptime", "uptime_seconds", "gauge", "For how long it has run.", SPAN},
    {"keys", "keys", "gauge", "Keys in the key file.", NUMBER},
    {"grants", "grants", "gauge", "Doors that are open, each for one address.", NUMBER},
    {"blocks", "blocked_addresses", "gauge", "Addresses that the administrator has blocked.",
     NUMBER},
    {"history", "history_events", "gauge", "Events that the history holds.", NUMBER},
    {"clock", "clock_behind", "gauge", "1 while the clock stands behind the record.", BEHIND},
    {"newest-acceptance", "newest_acceptance_time_seconds", "gauge",
     "When a knock was last accepted, since 1970.", MOMENT},
    {"accepted", "knocks_accepted_total", "counter", "Knocks that were accepted.", NUMBER},
    {"refused-", "knocks_refused_total", "counter", "Knocks that were refused.", REASONS},
    {"duplicate", "knocks_duplicate_total", "counter", "Second copies of a knock's packet.",
     NUMBER},
    {"late", "knocks_late_total", "counter", "Stragglers of knocks that were accepted.", NUMBER},
    {"noise", "noise_packets_total", "counter", "Packets on knock ports that were no knock.",
     NUMBER},
    {"lost", "losses_total", "counter", "Times that the kernel dropped packets unread.", NUMBER},
    {"sequences-evicted", "sequences_evicted_total", "counter",
     "Addresses whose sequence had to make room for another's.", NUMBER},
    {"sequences-untried", "sequence_tries_left_out_total", "counter",
     "Tries to read a sequence that there was no time for.", NUMBER},
    {"logins", "logins_total", "counter", "Logins that a knock has let in.", NUMBER},
    {"denied-", "logins_denied_total", "counter", "Logins that were denied.", REASONS},
    {"commits", "record_commits_total", "counter", "Commits of the record, an fsync each.", NUMBER},
};

static void print_heading(const struct metric *metric)
{
	printf("# HELP postern_%s %s\n# TYPE postern_%s %s\n", metric->name, metric->help,
	       metric->name, metric->type);
}

/* Digits alone; of a span, "90s", those before its unit. Anything else is none of ours, and left
 * out. */
static void print_number(const struct metric *metric, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	const char *unit = metric->kind == SPAN ? "s" : "";
	if (digits == 0 || strcmp(value + digits, unit) != 0)
		return;
	print_heading(metric);
	printf("postern_%s %.*s\n", metric->name, (int)digits, value);
}

static void print_moment(const struct metric *metric, const char *value)
{
	uint64_t ms;
	if (when_moment_parse(&ms, value, NULL) != 0)
		return;
	print_heading(metric);
	printf("postern_%s %" PRIu64 ".%03u\n", metric->name, ms / 1000, (unsigned)(ms % 1000));
}

/* A label's value must not hold a quote, a backslash or a newline; a reason never does. */
static void print_reasons(const struct metric *metric, const struct fields *fields)
{
	size_t length = strlen(metric->field);
	print_heading(metric);
	for (size_t i = 0; i < fields->count; i++) {
		const char *name = fields->list[i].name, *value = fields->list[i].value;
		const char *reason = name + length;
		if (strncmp(name, metric->field, length) == 0 &&
		    reason[strspn(reason, "abcdefghijklmnopqrstuvwxyz-")] == '\0' &&
		    value[strspn(value, "0123456789")] == '\0')
			printf("postern_%s{reason=\"%s\"} %s\n", metric->name, reason, value);
	}
}

static void print_metric(const struct metric *metric, const struct fields *fields)
{
	const char *value = fields_value(fields, metric->field);
	if (metric->kind == REASONS)
		print_reasons(metric, fields);
	else if (value == NULL)
		return;
	else if (metric->kind == MOMENT)
		print_moment(metric, value);
	else if (metric->kind == BEHIND)
		print_number(metric, strcmp(value, "behind") == 0 ? "1" : "0");
	else
		print_number(metric, value);
}

/* Also of a daemon that does not answer, which is what is to be watched for most. */
static void print_up(bool up)
{
	print_heading(
	    &(struct metric){NULL, "up", "gauge", "1 where postern-auth answers.", NUMBER});
	printf("postern_up %d\n", up);
}

int ctl_status(const struct verb_call *call)
{
	bool metrics_wanted = call->option[CTL_PROMETHEUS] != NULL;
	bool json_wanted = call->option[CTL_JSON] != NULL;
	struct ctl_ask ask = {.take = take_pair};
	if (metrics_wanted && json_wanted)
		return verb_misused(call, "--json or --prometheus, not both");
	int code = ctl_ask_lines(call, "status", &ask);
	if (metrics_wanted && (code == SAY_DONE || code == SAY_FAILED))
		print_up(code == SAY_DONE);
	if (code != SAY_DONE)
		return code;
	if (!metrics_wanted)
		return print_table(&ask.fields, json_wanted ? TABLE_OBJECT : TABLE_RECORDS);
	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
		print_metric(&metrics[i], &ask.fields);
	return SAY_DONE;
}
