/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "postern_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "enrolment.h"
#include "lasttime.h"
#include "postern.h"
#include "say.h"
#include "table.h"

static void put_via(char via[static 32], const struct token *token)
{
	snprintf(via, 32, "%s%s%s", token->spa.count > 0 ? ",spa" : "",
		 token->sequence.count > 0 ? ",sequence" : "",
		 token->code.count > 0 ? ",code" : "");
	memmove(via, via + (via[0] == ','), strlen(via) + (via[0] != ','));
}

/* What doors it opens, and for how long, only the server knows. */
static void tell_enrolled(const struct token *token)
{
	char via[32];
	put_via(via, token);
	say(SAY_DONE, "%s is enrolled; `postern open %s` knocks at %s", token->name, token->name,
	    token->host);
	say(SAY_DONE,
	    "it may knock by %s, %s behind address translation; what it opens, the server decides",
	    via[0] != '\0' ? via : "nothing that this server takes",
	    token->nat ? "also from" : "not from");
}

int postern_store_add(const struct verb_call *call)
{
	const char *path = call->n_arguments > 0 ? call->arguments[0] : NULL;
	struct token token;
	struct error error;
	int result = enrolment_read(&token, path, false, &error);
	if (result == 0)
		result = enrolment_add(&token, call->option[POSTERN_REPLACE] != NULL, &error);
	if (result == 0)
		tell_enrolled(&token);
	crypto_wipe(&token, sizeof token);
	return result == 0 ? SAY_DONE : say(SAY_REFUSED, "%s", error.text);
}

static const struct table_column list_columns[] = {
    {"name", TABLE_TEXT}, {"host", TABLE_TEXT}, {"id", TABLE_TEXT},
    {"via", TABLE_TEXT},  {"nat", TABLE_FLAG},
};

struct list {
	struct table *table;
	int code;
};

static bool list_one(void *context, const char *name, const struct token *token,
		     const struct error *wrong)
{
	struct list *list = context;
	char id[9], via[32];
	if (token == NULL) {
		list->code = say(SAY_REFUSED, "%s", wrong->text);
		return true;
	}
	snprintf(id, sizeof id, "%08" PRIx32, token->who.id);
	put_via(via, token);
	const char *cells[] = {name, token->host, id, via, token->nat ? "yes" : "no"};
	if (table_row(list->table, cells) != 0)
		list->code = say(SAY_FAILED, "out of memory");
	return list->code != SAY_FAILED;
}

int postern_store_list(const struct verb_call *call)
{
	struct error error;
	struct list list = {table_new(list_columns, sizeof list_columns / sizeof *list_columns),
			    SAY_DONE};
	if (list.table == NULL)
		return say(SAY_FAILED, "out of memory");
	if (enrolment_each(list_one, &list, &error) != 0)
		list.code = say(SAY_REFUSED, "%s", error.text);
	else
		table_print(list.table,
			    call->option[POSTERN_JSON] != NULL ? TABLE_JSON : TABLE_COLUMNS,
			    stdout);
	table_free(list.table);
	return list.code;
}

int postern_store_remove(const struct verb_call *call)
{
	struct error error;
	uint32_t id;
	if (enrolment_remove(call->arguments[0], &id, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	lasttime_forget(id);
	return SAY_DONE;
}
