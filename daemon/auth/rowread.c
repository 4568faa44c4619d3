/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rowread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

static uint64_t get(sqlite3_stmt *statement, int column)
{
	return (uint64_t)sqlite3_column_int64(statement, column);
}

typedef int row_reader(sqlite3_stmt *row, void *context);

static int read_rows(sqlite3 *db, const char *sql, row_reader *reader, void *context)
{
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (result == SQLITE_OK)
		while ((result = sqlite3_step(statement)) == SQLITE_ROW)
			if ((result = reader(statement, context)) != SQLITE_OK)
				break;
	sqlite3_finalize(statement);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

struct about_reader {
	struct rows_loaded *loaded;
	const char *boot_id;
	int count;
};

static int read_about(sqlite3_stmt *row, void *context)
{
	struct about_reader *reader = context;
	struct rows_about *about = &reader->loaded->about;
	const char *boot_id = (const char *)sqlite3_column_text(row, 5);

	about->clock.made_ms = get(row, 0);
	about->clock.old_floor_ms = get(row, 1);
	about->clock.newest_ms = get(row, 2);
	about->last_grant = get(row, 3);
	about->wall_less_boot_ms = sqlite3_column_int64(row, 4);
	reader->loaded->same_boot = boot_id != NULL && strcmp(boot_id, reader->boot_id) == 0;
	reader->count++;
	return SQLITE_OK;
}

static uint64_t read_time(const uint8_t *bytes)
{
	uint64_t time_ms = 0;

	for (int i = 0; i < 8; i++)
		time_ms = time_ms << 8 | bytes[i];
	return time_ms;
}

static int read_claim(sqlite3_stmt *row, void *context)
{
	const struct rows_claims *into = context;
	uint64_t id = get(row, 0);
	const uint8_t *times = sqlite3_column_blob(row, 1);
	int size = sqlite3_column_bytes(row, 1);

	if (id == 0 || id > UINT32_MAX || size % 8 != 0 || size > ACCEPT_WINDOW * 8)
		return SQLITE_CORRUPT;
	const struct key *key = keys_find(into->keys, (uint32_t)id);
	if (key == NULL)
		return SQLITE_OK;
	struct claims *claims = &into->claims[key - into->keys->list];
	claims->count = (uint32_t)size / 8;
	claims->code_step = get(row, 2);
	for (uint32_t i = 0; i < claims->count; i++) {
		claims->times_ms[i] = read_time(times + 8 * (size_t)i);
		if (i > 0 && claims->times_ms[i] >= claims->times_ms[i - 1])
			return SQLITE_CORRUPT;
	}
	return SQLITE_OK;
}

/* Whether word, of size, holds the column whole. */
static bool read_word(char *word, size_t size, sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text != NULL && snprintf(word, size, "%s", text) < (int)size;
}

static bool read_address(struct address *address, sqlite3_stmt *row, int column)
{
	if (sqlite3_column_bytes(row, column) != sizeof *address)
		return false;
	memcpy(address, sqlite3_column_blob(row, column), sizeof *address);
	return true;
}

/* Where the rows of one table go: an array that grows, up to most. */
struct list_reader {
	void *items;
	size_t count, room, most, size;
};

/* The place of the next. SQLITE_CORRUPT: there are more than there can be. */
static int list_next(struct list_reader *list, void **item)
{
	if (list->count == list->most)
		return SQLITE_CORRUPT;
	if (list->count == list->room) {
		size_t room = list->room > 0 ? list->room * 2 : 64;
		void *items = reallocarray(list->items, room, list->size);
		if (items == NULL)
			return SQLITE_NOMEM;
		list->items = items;
		list->room = room;
	}
	*item = (char *)list->items + list->count++ * list->size;
	memset(*item, 0, list->size);
	return SQLITE_OK;
}

static int read_grant(sqlite3_stmt *row, void *context)
{
	void *place;
	int result = list_next(context, &place);

	if (result != SQLITE_OK)
		return result;
	struct grant *grant = place;
	*grant =
	    (struct grant){.number = get(row, 0),
			   .id = (uint32_t)get(row, 1),
			   .door = {.proto = (uint8_t)get(row, 4), .port = (uint16_t)get(row, 5)},
			   .since_boot_ms = get(row, 7),
			   .until_boot_ms = get(row, 8),
			   .since_ms = get(row, 9),
			   .until_ms = get(row, 10),
			   .logins = (uint32_t)get(row, 12),
			   .state = get(row, 13) != 0 ? GRANT_OVER : 0,
			   .knock = get(row, 14)};
	bool good = read_address(&grant->address, row, 3) &&
		    read_word(grant->key, sizeof grant->key, row, 2) &&
		    read_word(grant->via, sizeof grant->via, row, 11) && grant->number != 0;
	return good ? SQLITE_OK : SQLITE_CORRUPT;
}

static int read_event(sqlite3_stmt *row, void *context)
{
	void *place;
	int result = list_next(context, &place);

	if (result != SQLITE_OK)
		return result;
	struct rows_event *event = place;
	*event = (struct rows_event){
	    .at_ms = get(row, 1),
	    .id = (uint32_t)get(row, 4),
	    .door = {.proto = (uint8_t)get(row, 6), .port = (uint16_t)get(row, 7)},
	    .grant = get(row, 8),
	    .seconds = (uint32_t)get(row, 11)};
	bool good = read_word(event->event, sizeof event->event, row, 2) &&
		    read_word(event->key, sizeof event->key, row, 3) &&
		    read_address(&event->address, row, 5) &&
		    read_word(event->via, sizeof event->via, row, 9) &&
		    read_word(event->reason, sizeof event->reason, row, 10) &&
		    read_word(event->user, sizeof event->user, row, 12) &&
		    read_word(event->service, sizeof event->service, row, 13);
	return good ? SQLITE_OK : SQLITE_CORRUPT;
}

static int read_block(sqlite3_stmt *row, void *context)
{
	void *place;
	int result = list_next(context, &place);

	if (result != SQLITE_OK)
		return result;
	struct rows_block *block = place;
	block->until_ms = get(row, 1);
	return read_address(&block->address, row, 0) ? SQLITE_OK : SQLITE_CORRUPT;
}

static int read_check(sqlite3_stmt *row, void *context)
{
	(void)context;
	const char *text = (const char *)sqlite3_column_text(row, 0);
	return text != NULL && strcmp(text, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
}

static int read_number(sqlite3_stmt *row, void *context)
{
	return sqlite3_column_int64(row, 0) == *(const int *)context ? SQLITE_OK : SQLITE_CORRUPT;
}

int rowread_check(sqlite3 *db, int version)
{
	int application = RECORD_APPLICATION;
	int result = read_rows(db, "PRAGMA application_id", read_number, &application);

	if (result == SQLITE_OK)
		result = read_rows(db, "PRAGMA user_version", read_number, &version);
	if (result == SQLITE_OK)
		result = read_rows(db, "PRAGMA quick_check(1)", read_check, NULL);
	return result;
}

static int read_claims(sqlite3 *db, const char *boot_id, const struct rows_claims *into,
		       struct rows_loaded *loaded)
{
	struct about_reader about = {loaded, boot_id, 0};
	struct rows_claims claims = *into;
	int result = read_rows(db,
			       "SELECT made_ms, old_floor_ms, newest_ms, last_grant,"
			       " wall_less_boot_ms, boot_id FROM about",
			       read_about, &about);

	if (result == SQLITE_OK && about.count != 1)
		result = SQLITE_CORRUPT;
	if (result == SQLITE_OK)
		result =
		    read_rows(db, "SELECT id, times, code_step FROM claims", read_claim, &claims);
	return result;
}

/* Twice what is kept of those that are over: the writer forgets them by ranges of numbers. */
static int read_grants(sqlite3 *db, const char *boot_id, struct rows_loaded *loaded)
{
	struct list_reader list = {.most = GRANT_TABLE + 2 * ROWS_OVER,
				   .size = sizeof(struct grant)};
	char *sql =
	    sqlite3_mprintf("SELECT * FROM grants WHERE boot_id = %Q ORDER BY number", boot_id);
	int result = sql == NULL ? SQLITE_NOMEM : read_rows(db, sql, read_grant, &list);

	sqlite3_free(sql);
	loaded->grants = list.items;
	loaded->n_grants = list.count;
	return result;
}

static int read_history(sqlite3 *db, struct rows_loaded *loaded)
{
	struct list_reader list = {.most = ROWS_HISTORY, .size = sizeof(struct rows_event)};
	int result = read_rows(db, "SELECT * FROM history ORDER BY number", read_event, &list);

	loaded->history = list.items;
	loaded->n_history = list.count;
	return result;
}

static int read_blocks(sqlite3 *db, struct rows_loaded *loaded)
{
	struct list_reader list = {.most = ROWS_BLOCKS, .size = sizeof(struct rows_block)};
	int result = read_rows(db, "SELECT * FROM blocks", read_block, &list);

	loaded->blocks = list.items;
	loaded->n_blocks = list.count;
	return result;
}

int rowread_all(sqlite3 *db, const char *boot_id, const struct rows_claims *into,
		struct rows_loaded *loaded)
{
	int result = read_claims(db, boot_id, into, loaded);

	if (result == SQLITE_OK)
		result = read_grants(db, boot_id, loaded);
	if (result == SQLITE_OK)
		result = read_history(db, loaded);
	if (result == SQLITE_OK)
		result = read_blocks(db, loaded);
	return result;
}
