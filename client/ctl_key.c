/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "ctl.h"
#include "ctl_add.h"
#include "ctl_token.h"
#include "posternctl.h"
#include "say.h"
#include "table.h"
#include "when.h"

enum { DEFAULT_OVERLAP_S = 24 * 60 * 60 };

/* The cells of a key, as text. */
struct cells {
	char line[11], id[9], since[WHEN_MOMENT_TEXT], expires[WHEN_MOMENT_TEXT];
	char for_[WHEN_SPAN_TEXT], max[WHEN_SPAN_TEXT];
	char open[KEYS_DOORS * (DOOR_TEXT + 1)];
	char from[KEYS_NETWORKS * (NETWORK_TEXT + 1)];
	char user[KEYS_LINE];
	char flags[9];
};

static void put_item(char *list, size_t size, const char *item)
{
	size_t used = strlen(list);
	snprintf(list + used, size - used, "%s%s", used > 0 ? "," : "", item);
}

static void fill_lists(struct cells *cells, const struct key *key)
{
	char door[DOOR_TEXT], network[NETWORK_TEXT];
	for (uint8_t i = 0; i < key->n_doors; i++) {
		door_print(door, &key->doors[i]);
		put_item(cells->open, sizeof cells->open, door);
	}
	for (uint8_t i = 0; i < key->n_from; i++) {
		network_print(network, &key->from[i]);
		put_item(cells->from, sizeof cells->from, network);
	}
	for (uint8_t i = 0; i < key->n_users; i++)
		put_item(cells->user, sizeof cells->user, key->users[i]);
	if (key->nat)
		put_item(cells->flags, sizeof cells->flags, "nat");
	if (key->code)
		put_item(cells->flags, sizeof cells->flags, "code");
}

static void fill_cells(struct cells *cells, const struct key *key)
{
	memset(cells, 0, sizeof *cells);
	snprintf(cells->line, sizeof cells->line, "%" PRIu32, key->line);
	snprintf(cells->id, sizeof cells->id, "%08" PRIx32, key->who.id);
	when_moment_print(cells->since, key->since_ms);
	if (key->expires_ms != 0)
		when_moment_print(cells->expires, key->expires_ms);
	if (key->for_s != 0)
		when_span_print(cells->for_, key->for_s);
	if (key->max_s != 0)
		when_span_print(cells->max, key->max_s);
	fill_lists(cells, key);
}

static const char *state_of(const struct key *key)
{
	return keys_expired(key, clock_now_ms()) ? "expired" : "in force";
}

static const struct table_column list_columns[] = {
    {"name", TABLE_TEXT},    {"id", TABLE_TEXT},    {"since", TABLE_TEXT}, {"open", TABLE_TEXT},
    {"for", TABLE_TEXT},     {"max", TABLE_TEXT},   {"from", TABLE_TEXT},  {"user", TABLE_TEXT},
    {"expires", TABLE_TEXT}, {"flags", TABLE_TEXT},
};

static int list_row(struct table *table, const struct key *key)
{
	struct cells cells;
	fill_cells(&cells, key);
	const char *row[] = {key->name, cells.id,   cells.since, cells.open,    cells.for_,
			     cells.max, cells.from, cells.user,  cells.expires, cells.flags};
	return table_row(table, row);
}

static const struct table_column show_columns[] = {
    {"name", TABLE_TEXT},  {"state", TABLE_TEXT}, {"line", TABLE_NUMBER}, {"id", TABLE_TEXT},
    {"since", TABLE_TEXT}, {"host", TABLE_TEXT},  {"open", TABLE_TEXT},   {"for", TABLE_TEXT},
    {"max", TABLE_TEXT},   {"from", TABLE_TEXT},  {"user", TABLE_TEXT},   {"expires", TABLE_TEXT},
    {"flags", TABLE_TEXT},
};

static int show_row(struct table *table, const struct key *key)
{
	struct cells cells;
	fill_cells(&cells, key);
	const char *row[] = {key->name,  state_of(key), cells.line, cells.id,  cells.since,
			     key->host,  cells.open,    cells.for_, cells.max, cells.from,
			     cells.user, cells.expires, cells.flags};
	return table_row(table, row);
}

static int not_found(const struct ctl *ctl, const char *name)
{
	return say(SAY_REFUSED, "there is no key %s in %s; `posternctl key list` shows all", name,
		   ctl->keys_path);
}

/* The start and the end of each verb: the key file, to read or to edit. */
static int with_keys(const struct verb_call *call, bool edit,
		     int (*act)(const struct ctl *ctl, struct keyfile *file))
{
	struct ctl ctl;
	int code = ctl_start(&ctl, call);
	if (code != SAY_DONE)
		return code;
	struct keyfile *file = edit ? ctl_edit_keys(&ctl, false) : ctl_read_keys(&ctl);
	code = file == NULL ? SAY_REFUSED : act(&ctl, file);
	keyfile_close(file);
	return code;
}

static int print_table(const struct ctl *ctl, struct table *table, enum table_form form)
{
	bool json = ctl->call->option[CTL_JSON] != NULL;
	if (table != NULL)
		table_print(table, json ? TABLE_JSON : form, stdout);
	else
		say(SAY_FAILED, "out of memory");
	table_free(table);
	return table != NULL ? SAY_DONE : SAY_FAILED;
}

/* The keys of a name, or all, as rows; null without memory. */
static struct table *make_table(const struct keys *keys, const char *name,
				const struct table_column *columns, size_t n_columns,
				int (*row)(struct table *table, const struct key *key))
{
	struct table *table = table_new(columns, n_columns);
	for (size_t i = 0; i < keys->count && table != NULL; i++) {
		const struct key *key = &keys->list[i];
		if ((name != NULL && strcmp(key->name, name) != 0) || row(table, key) == 0)
			continue;
		table_free(table);
		table = NULL;
	}
	return table;
}

static int list(const struct ctl *ctl, struct keyfile *file)
{
	struct table *table = make_table(keyfile_keys(file), NULL, list_columns,
					 sizeof list_columns / sizeof *list_columns, list_row);
	return print_table(ctl, table, TABLE_COLUMNS);
}

int ctl_key_list(const struct verb_call *call)
{
	return with_keys(call, false, list);
}

static int show(const struct ctl *ctl, struct keyfile *file)
{
	const struct keys *keys = keyfile_keys(file);
	const char *name = ctl->call->arguments[0];
	if (ctl_find_key(keys, name) == NULL)
		return not_found(ctl, name);
	struct table *table = make_table(keys, name, show_columns,
					 sizeof show_columns / sizeof *show_columns, show_row);
	return print_table(ctl, table, TABLE_RECORDS);
}

int ctl_key_show(const struct verb_call *call)
{
	return with_keys(call, false, show);
}

static int print_token(const struct ctl *ctl, struct keyfile *file)
{
	const struct keys *keys = keyfile_keys(file);
	struct ctl_ports ports;
	struct error error;
	const char *name = ctl->call->arguments[0];
	const struct key *key = ctl_find_key(keys, name);
	if (key == NULL)
		return not_found(ctl, name);
	if (ctl_token_ports(&ports, ctl, &error) != 0)
		return say(SAY_USAGE, "%s", error.text);
	if (ctl_token_print(ctl, &ports, keys->server, key, ctl->call->option[CTL_HOST], &error) !=
	    0)
		return say(SAY_REFUSED, "%s", error.text);
	return SAY_DONE;
}

int ctl_key_token(const struct verb_call *call)
{
	return with_keys(call, false, print_token);
}

static int revoke(const struct ctl *ctl, struct keyfile *file)
{
	const char *name = ctl->call->arguments[0];
	const struct keys *keys = keyfile_keys(file);
	struct error error;
	size_t found = 0;
	for (size_t i = 0; i < keys->count; i++) {
		if (strcmp(keys->list[i].name, name) != 0)
			continue;
		found++;
		if (keyfile_remove(file, keys->list[i].line, &error) != 0)
			return say(SAY_REFUSED, "%s", error.text);
	}
	if (found == 0)
		return not_found(ctl, name);
	if (keyfile_write(file, &error) != 0)
		return say(SAY_REFUSED, "%s", error.text);
	ctl_add_tell_reload(ctl);
	return SAY_DONE;
}

int ctl_key_revoke(const struct verb_call *call)
{
	return with_keys(call, true, revoke);
}

/* What is in force under that name ends at the moment, unless it ends earlier of itself. */
static int expire_old(struct keyfile *file, const char *name, uint64_t moment_ms,
		      struct error *error)
{
	const struct keys *keys = keyfile_keys(file);
	for (size_t i = 0; i < keys->count; i++) {
		const struct key *key = &keys->list[i];
		if (strcmp(key->name, name) != 0 || keys_expired(key, moment_ms))
			continue;
		if (keyfile_expire(file, key->line, moment_ms, error) != 0)
			return -1;
	}
	return 0;
}

static int check_rotate(const struct ctl *ctl, const struct key *key)
{
	const char *name = ctl->call->arguments[0], *host = ctl->call->option[CTL_HOST];
	if (key == NULL)
		return not_found(ctl, name);
	if (keys_expired(key, clock_now_ms()))
		return say(SAY_REFUSED,
			   "%s has expired, and so would its new key: `posternctl key revoke %s`, "
			   "then `key add`",
			   name, name);
	if (host == NULL && key->host == NULL)
		return say(SAY_REFUSED,
			   "line %u has no host= for the new token: say which by --host",
			   key->line);
	if (host != NULL && !token_host_valid(host))
		return say(SAY_USAGE, "--host %s is neither a name nor an address", host);
	return SAY_DONE;
}

/* What the command line says of it, before the file is looked at. */
static int parse_rotate(const struct ctl *ctl, struct ctl_ports *ports, uint32_t *overlap_s)
{
	struct error error;
	const char *overlap = ctl->call->option[CTL_OVERLAP];
	*overlap_s = DEFAULT_OVERLAP_S;
	if (overlap != NULL && when_span_parse(overlap_s, overlap, &error) != 0)
		return say(SAY_USAGE, "--overlap: %s", error.text);
	if (ctl_token_ports(ports, ctl, &error) != 0)
		return say(SAY_USAGE, "%s", error.text);
	return SAY_DONE;
}

static int rotate(const struct ctl *ctl, struct keyfile *file)
{
	const struct keys *keys = keyfile_keys(file);
	const struct key *old = ctl_find_key(keys, ctl->call->arguments[0]);
	struct ctl_ports ports;
	struct error error;
	uint32_t overlap_s;
	int code = parse_rotate(ctl, &ports, &overlap_s);
	if (code == SAY_DONE)
		code = check_rotate(ctl, old);
	if (code != SAY_DONE)
		return code;
	struct key key = *old; /* its lists remain the old one's */
	ctl_add_renew(&key, keys);
	int result = expire_old(file, key.name, key.since_ms + overlap_s * UINT64_C(1000), &error);
	if (result == 0)
		result = ctl_add_append(file, &key, &error);
	if (result == 0)
		result = keyfile_write(file, &error);
	if (result == 0)
		result = ctl_token_print(ctl, &ports, keys->server, &key,
					 ctl->call->option[CTL_HOST], &error);
	if (result == 0)
		ctl_add_tell_next(ctl, &key, true);
	crypto_wipe(&key, sizeof key);
	return result == 0 ? SAY_DONE : say(SAY_REFUSED, "%s", error.text);
}

int ctl_key_rotate(const struct verb_call *call)
{
	return with_keys(call, true, rotate);
}
