/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "counters.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

enum { NAME = 64 };

struct policy {
	char chain[NAME], verdict[16];
	uint64_t packets, bytes;
};

/* ":INPUT DROP [12:345]"; a chain of somebody's own has no policy. */
static bool read_policy(struct policy *policy, const char *line)
{
	return sscanf(line, ":%63s %15s [%" SCNu64 ":%" SCNu64 "]", policy->chain, policy->verdict,
		      &policy->packets, &policy->bytes) == 4 &&
	       policy->verdict[0] != '-';
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line == '\n' ? line + 1 : line;
}

static bool is_table(const char *line, const char *table)
{
	size_t length = strcspn(table, "\n");
	return line[0] == '*' && strncmp(line, table, length) == 0 && line[length] == '\n';
}

/* In what was saved before; table is the line that begins it. */
static bool find_policy(struct policy *found, const char *saved, const char *table,
			const char *chain)
{
	bool inside = false;
	for (; *saved != '\0'; saved = next_line(saved)) {
		if (saved[0] == '*')
			inside = is_table(saved, table);
		else if (inside && read_policy(found, saved) && strcmp(found->chain, chain) == 0)
			return true;
	}
	return false;
}

/* A table whose first line this is. Its policies are named, if one has counted less than it had. */
static void merge_table(FILE *out, const char *then, const char *table)
{
	struct policy was, is;
	const char *line;
	bool zeroed = false;
	for (line = next_line(table); *line != '\0' && *line != '*'; line = next_line(line))
		zeroed |= read_policy(&is, line) && find_policy(&was, then, table, is.chain) &&
			  is.packets < was.packets;
	if (!zeroed)
		return;
	fprintf(out, "%.*s", (int)(next_line(table) - table), table);
	for (line = next_line(table); *line != '\0' && *line != '*'; line = next_line(line))
		if (read_policy(&is, line) && find_policy(&was, then, table, is.chain))
			fprintf(out, ":%s %s [%" PRIu64 ":%" PRIu64 "]\n", is.chain, is.verdict,
				was.packets + is.packets, was.bytes + is.bytes);
	fputs("COMMIT\n", out);
}

char *counters_merged(const char *then, const char *now)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	for (; *now != '\0'; now = next_line(now))
		if (now[0] == '*')
			merge_table(out, then, now);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Null: there is none, or it can't be told. */
static char *save(const struct look *look, uint8_t family)
{
	char command[LOOK_COMMAND];
	struct program_output output;
	if (look->commands[RULESET_LEGACY] == NULL)
		return NULL;
	look_command(command, look->commands[RULESET_LEGACY], family, "-save");
	if (program_run(&output, (const char *const[]){command, "-c", NULL}, NULL, PROGRAM_MOST,
			NULL) == 0)
		return output.text;
	program_free(&output);
	return NULL;
}

/* With the policies as they are now. */
static void put_back(const struct look *look, uint8_t family, const char *then)
{
	char command[LOOK_COMMAND];
	char *now = then == NULL ? NULL : save(look, family);
	char *text = now == NULL ? NULL : counters_merged(then, now);
	if (text != NULL && *text != '\0') {
		look_command(command, look->commands[RULESET_LEGACY], family, "-restore");
		program_run(NULL, (const char *const[]){command, "-w", "-n", "-c", NULL}, text,
			    PROGRAM_MOST, NULL);
	}
	free(text);
	free(now);
}

int counters_run(const struct plan *plan, const struct look *look, struct error *error)
{
	uint8_t families[2];
	char *then[2] = {NULL, NULL};
	size_t n = look_families(families);
	for (size_t i = 0; i < n; i++)
		then[i] = save(look, families[i]);
	int result = plan_run(plan, error);
	for (size_t i = 0; i < n; i++) {
		put_back(look, families[i], then[i]);
		free(then[i]);
	}
	return result;
}
