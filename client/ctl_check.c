/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_check.h"

#include <stdio.h>
#include <string.h>

#include "address.h"
#include "ask.h"
#include "ctl_ask.h"
#include "door.h"
#include "encoding.h"
#include "posternctl.h"
#include "say.h"
#include "table.h"
#include "when.h"

/* What is asked about: as pam_postern does, for ssh's door unless told otherwise. */
struct subject {
	const char *address, *user, *door, *max_age; /* null: not asked about */
};

static int take_subject(struct subject *subject, const struct verb_call *call)
{
	struct address address;
	struct door door;
	struct error error;
	uint32_t seconds;
	*subject = (struct subject){call->arguments[0], call->option[CTL_USER],
				    call->option[CTL_DOOR], call->option[CTL_MAX_AGE]};
	if (address_parse(&address, subject->address) != 0)
		return say(SAY_USAGE, "%s is no address", subject->address);
	if (subject->user != NULL && (*subject->user == '\0' || strlen(subject->user) > 256))
		return say(SAY_USAGE, "--user: a login name has 1 to 256 characters");
	if (subject->door == NULL)
		subject->door = "tcp/22";
	if (strcmp(subject->door, "any") == 0)
		subject->door = NULL;
	else if (door_parse(&door, subject->door, &error) != 0)
		return say(SAY_USAGE, "--door: %s", error.text);
	if (subject->max_age == NULL)
		return SAY_DONE;
	if (when_span_parse(&seconds, subject->max_age, &error) != 0)
		return say(SAY_USAGE, "--max-age: %s", error.text);
	return seconds > 0 ? SAY_DONE : say(SAY_USAGE, "--max-age: no time at all");
}

static void put(char line[static ASK_LINE], const char *field, const char *value)
{
	size_t used = strlen(line);
	char text[ENCODING_PERCENT_TEXT(256)];
	if (value == NULL)
		return;
	encoding_percent_encode(text, sizeof text, value);
	snprintf(line + used, ASK_LINE - used, "%s%s", field, text);
}

/* "yes FIELDS" or "no FIELDS"; the first word becomes a field, too. */
static bool take_answer(struct ctl_ask *ask, const char *line)
{
	bool *yes = ask->context;
	*yes = strncmp(line, "yes ", 4) == 0;
	if ((!*yes && strncmp(line, "no ", 3) != 0) ||
	    fields_add(&ask->fields, strchr(line, ' ') + 1) != 0 ||
	    fields_value(&ask->fields, *yes ? "key" : "reason") == NULL)
		ask->code = ctl_ask_broken();
	return false;
}

static void say_yes(const struct fields *fields, const struct subject *subject)
{
	const char *age = fields_value(fields, "age"), *grant = fields_value(fields, "grant");
	printf("yes: %s knocked from %s", fields_value(fields, "key"), subject->address);
	printf(" %s s ago%s%s", age != NULL ? age : "?", subject->door != NULL ? " for " : "",
	       subject->door != NULL ? subject->door : "");
	printf(" (grant %s)\n", grant != NULL ? grant : "?");
}

static void say_no(const char *reason, const struct subject *subject)
{
	const char *address = subject->address,
		   *door = subject->door != NULL ? subject->door : "any";
	printf("no: ");
	if (strcmp(reason, "no-knock") == 0)
		printf("no accepted knock came from %s", address);
	else if (strcmp(reason, "door") == 0)
		printf("%s has knocked, but not for %s", address, door);
	else if (strcmp(reason, "old") == 0 && subject->max_age != NULL)
		printf("%s has knocked, but not within %s", address, subject->max_age);
	else if (strcmp(reason, "old") == 0)
		printf("%s has knocked, but that grant is over", address);
	else if (strcmp(reason, "user") == 0)
		printf("%s has knocked, but with no key of %s", address,
		       subject->user != NULL ? subject->user : "that user");
	else if (strcmp(reason, "consumed") == 0)
		printf("%s has knocked, but that has been used for a login", address);
	else if (strcmp(reason, "blocked") == 0)
		printf("%s is blocked", address);
	else
		printf("%s is not let in", address);
	printf(" (reason %s)\n", reason);
}

static int print_json(const struct fields *fields, bool yes)
{
	static const struct table_column columns[] = {{"yes", TABLE_FLAG},
						      {"key", TABLE_TEXT},
						      {"age", TABLE_NUMBER},
						      {"grant", TABLE_NUMBER},
						      {"reason", TABLE_TEXT}};
	const char *cells[sizeof columns / sizeof *columns] = {yes ? "yes" : "no"};
	struct table *table = table_new(columns, sizeof columns / sizeof *columns);
	for (size_t i = 1; i < sizeof columns / sizeof *columns; i++)
		cells[i] = fields_value(fields, columns[i].name);
	bool done = table != NULL && table_row(table, cells) == 0;
	if (done)
		table_print(table, TABLE_OBJECT, stdout);
	table_free(table);
	return done ? SAY_DONE : ctl_ask_no_memory();
}

int ctl_check(const struct verb_call *call)
{
	bool yes = false;
	struct ctl_ask ask = {.take = take_answer, .context = &yes};
	struct subject subject;
	char question[ASK_LINE] = "check";
	int code = take_subject(&subject, call);
	if (code != SAY_DONE)
		return code;
	put(question, " ", subject.address);
	put(question, " user=", subject.user);
	put(question, " door=", subject.door);
	put(question, " max-age=", subject.max_age);
	code = ctl_ask_lines(call, question, &ask);
	if (code != SAY_DONE)
		return code;
	if (call->option[CTL_JSON] != NULL)
		code = print_json(&ask.fields, yes);
	else if (yes)
		say_yes(&ask.fields, &subject);
	else
		say_no(fields_value(&ask.fields, "reason"), &subject);
	return code != SAY_DONE ? code : yes ? SAY_DONE : SAY_REFUSED;
}
