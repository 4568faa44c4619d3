/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rows.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"
#include "rowread.h"

/* How long to wait for an earlier process that is just ending. */
enum { LOCK_WAIT_MS = 3000 };

/* Frames of the log when it is written back to the record; when it would have to grow, which leaves
 * room for a large commit; and their bytes. */
enum { LOG_FRAMES = 200, LOG_ROOM = 256, LOG_HEADER = 32, LOG_FRAME = 24 + 4096 };

#define STATEMENTS(X)                                                                             \
	X(BEGIN, "BEGIN IMMEDIATE")                                                               \
	X(COMMIT, "COMMIT")                                                                       \
	X(CLAIM, "INSERT OR REPLACE INTO claims VALUES (?, ?, ?)")                                \
	X(OPENED,                                                                                 \
	  "INSERT OR REPLACE INTO grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)")   \
	X(ENDED, "DELETE FROM grants WHERE number = ?")                                           \
	X(OVER, "UPDATE grants SET over = 1 WHERE number = ?")                                    \
	X(USED, "UPDATE grants SET logins = 0 WHERE number = ?")                                  \
	X(FORGET, "DELETE FROM grants WHERE number <= ? AND over = 1")                            \
	X(EVENT, "INSERT INTO history VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")      \
	X(TRIM, "DELETE FROM history WHERE number <= (SELECT max(number) FROM history) - ?")      \
	X(BLOCK, "INSERT OR REPLACE INTO blocks VALUES (?, ?)")                                   \
	X(LIFT, "DELETE FROM blocks WHERE address = ?")                                           \
	X(ABOUT, "UPDATE about SET made_ms = ?, old_floor_ms = ?, newest_ms = ?, last_grant = ?," \
		 " wall_less_boot_ms = ?, boot_id = ?")

#define STATEMENT_ENUM(name, sql) STATEMENT_##name,
enum statement { STATEMENTS(STATEMENT_ENUM) STATEMENTS_COUNT };
#undef STATEMENT_ENUM

#define STATEMENT_TEXT(name, sql) sql,
static const char *const texts[] = {STATEMENTS(STATEMENT_TEXT)};
#undef STATEMENT_TEXT

struct rows {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS_COUNT];
	char boot_id[40];
	int log_frames; /* as of the last commit */
	bool begun;     /* a transaction */
	bool has_about;
	struct rows_about about; /* as last written */
};

/* SQLite's integers are signed; times fit, and a hostile 64-bit one survives the way there and
 * back. */
static int put(sqlite3_stmt *statement, int column, uint64_t value)
{
	return sqlite3_bind_int64(statement, column, (sqlite3_int64)value);
}

static void put_text(sqlite3_stmt *statement, int column, const char *text)
{
	sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC);
}

static int step(sqlite3_stmt *statement)
{
	int result = sqlite3_step(statement);

	sqlite3_reset(statement);
	return result == SQLITE_DONE ? 0 : -1;
}

/* Writing. */

static int write_claim(sqlite3_stmt *statement, const struct rows_claim *claim)
{
	uint8_t times[ACCEPT_WINDOW * 8];
	size_t size = 0;

	for (uint32_t i = 0; i < claim->claims.count; i++)
		for (int shift = 56; shift >= 0; shift -= 8)
			times[size++] = (uint8_t)(claim->claims.times_ms[i] >> shift);
	put(statement, 1, claim->id);
	sqlite3_bind_blob(statement, 2, times, (int)size, SQLITE_STATIC);
	put(statement, 3, claim->claims.code_step);
	return step(statement);
}

static int write_opened(sqlite3_stmt *statement, const struct grant *grant, const char *boot_id)
{
	put(statement, 1, grant->number);
	put(statement, 2, grant->id);
	put_text(statement, 3, grant->key);
	sqlite3_bind_blob(statement, 4, &grant->address, sizeof grant->address, SQLITE_STATIC);
	put(statement, 5, grant->door.proto);
	put(statement, 6, grant->door.port);
	put_text(statement, 7, boot_id);
	put(statement, 8, grant->since_boot_ms);
	put(statement, 9, grant->until_boot_ms);
	put(statement, 10, grant->since_ms);
	put(statement, 11, grant->until_ms);
	put_text(statement, 12, grant->via);
	put(statement, 13, grant->logins);
	put(statement, 14, grant->knock);
	return step(statement);
}

/* Of those that are over, the latest are kept: by number, which finds the others at once. */
static int write_turns(sqlite3_stmt **statements, const struct rows_batch *batch)
{
	static const enum statement how[] = {[ROWS_TURN_ENDED] = STATEMENT_ENDED,
					     [ROWS_TURN_OVER] = STATEMENT_OVER,
					     [ROWS_TURN_USED] = STATEMENT_USED};
	uint64_t newest = 0;
	int result = 0;

	for (size_t i = 0; i < batch->n_turns && result == 0; i++) {
		const struct rows_turn *turn = &batch->turns[i];
		put(statements[how[turn->what]], 1, turn->number);
		result = step(statements[how[turn->what]]);
		if (turn->what == ROWS_TURN_OVER && turn->number > newest)
			newest = turn->number;
	}
	if (result == -1 || newest <= ROWS_OVER)
		return result;
	put(statements[STATEMENT_FORGET], 1, newest - ROWS_OVER);
	return step(statements[STATEMENT_FORGET]);
}

static int write_blocks(sqlite3_stmt **statements, const struct rows_batch *batch)
{
	int result = 0;

	for (size_t i = 0; i < batch->n_blocks && result == 0; i++) {
		const struct rows_block *block = &batch->blocks[i];
		sqlite3_stmt *statement =
		    statements[block->lifted ? STATEMENT_LIFT : STATEMENT_BLOCK];
		sqlite3_bind_blob(statement, 1, &block->address, sizeof block->address,
				  SQLITE_STATIC);
		if (!block->lifted)
			put(statement, 2, block->until_ms);
		result = step(statement);
	}
	return result;
}

static int write_event(sqlite3_stmt *statement, const struct rows_event *event)
{
	put(statement, 1, event->at_ms);
	put_text(statement, 2, event->event);
	put_text(statement, 3, event->key);
	put(statement, 4, event->id);
	sqlite3_bind_blob(statement, 5, &event->address, sizeof event->address, SQLITE_STATIC);
	put(statement, 6, event->door.proto);
	put(statement, 7, event->door.port);
	put(statement, 8, event->grant);
	put_text(statement, 9, event->via);
	put_text(statement, 10, event->reason);
	put(statement, 11, event->seconds);
	put_text(statement, 12, event->user);
	put_text(statement, 13, event->service);
	return step(statement);
}

static int write_about(sqlite3_stmt *statement, const struct rows_about *about, const char *boot_id)
{
	put(statement, 1, about->clock.made_ms);
	put(statement, 2, about->clock.old_floor_ms);
	put(statement, 3, about->clock.newest_ms);
	put(statement, 4, about->last_grant);
	put(statement, 5, (uint64_t)about->wall_less_boot_ms);
	put_text(statement, 6, boot_id);
	return step(statement);
}

static int write_events(struct rows *rows, const struct rows_batch *batch)
{
	int result = 0;

	for (size_t i = 0; i < batch->n_events && result == 0; i++)
		result = write_event(rows->statements[STATEMENT_EVENT], &batch->events[i]);
	if (batch->n_events == 0 || result == -1)
		return result;
	put(rows->statements[STATEMENT_TRIM], 1, ROWS_HISTORY);
	return step(rows->statements[STATEMENT_TRIM]);
}

static int write_all(struct rows *rows, const struct rows_batch *batch)
{
	sqlite3_stmt **statements = rows->statements;
	int result = rows->begun ? 0 : step(statements[STATEMENT_BEGIN]);

	rows->begun = false;
	if (result == 0 && batch->has_about)
		result = write_about(statements[STATEMENT_ABOUT], &batch->about, rows->boot_id);
	for (size_t i = 0; i < batch->n_claims && result == 0; i++)
		result = write_claim(statements[STATEMENT_CLAIM], &batch->claims[i]);
	for (size_t i = 0; i < batch->n_opened && result == 0; i++)
		result =
		    write_opened(statements[STATEMENT_OPENED], &batch->opened[i], rows->boot_id);
	if (result == 0)
		result = write_turns(statements, batch);
	if (result == 0)
		result = write_blocks(statements, batch);
	if (result == 0)
		result = write_events(rows, batch);
	return result == 0 ? step(statements[STATEMENT_COMMIT]) : -1;
}

/* The same values again, in the transaction that is begun: what that takes is then near. */
void rows_warm(struct rows *rows)
{
	if (!rows->begun || !rows->has_about)
		return;
	write_about(rows->statements[STATEMENT_ABOUT], &rows->about, rows->boot_id);
	rows->begun = sqlite3_get_autocommit(rows->db) == 0;
}

/* A file that was taken away, or put in this one's place, will not be found by the next life: then
 * nothing that is written here is durable. */
static bool moved(const struct rows *rows)
{
	int answer = 0;

	sqlite3_file_control(rows->db, "main", SQLITE_FCNTL_HAS_MOVED, &answer);
	return answer != 0;
}

int rows_write(struct rows *rows, const struct rows_batch *batch, struct error *error)
{
	if (moved(rows))
		return error_set(error,
				 "it was removed or replaced while in use; stop posternd before");
	if (write_all(rows, batch) == 0) {
		if (batch->has_about)
			rows->about = batch->about;
		rows->has_about = rows->has_about || batch->has_about;
		return 0;
	}
	int number = sqlite3_system_errno(rows->db);
	return error_set(error, "%s%s%s; free space, or mend the disk", sqlite3_errmsg(rows->db),
			 number ? ": " : "", number ? strerror(number) : "");
}

/* What is in the record itself needs no place in the log any more, and the next commit begins it
 * anew. Where this fails, the log grows, and it is tried again. The next commit is begun already:
 * nobody else may write anyway. */
void rows_settle(struct rows *rows)
{
	if (rows->log_frames >= LOG_FRAMES)
		sqlite3_wal_checkpoint_v2(rows->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	rows->begun = rows->begun || step(rows->statements[STATEMENT_BEGIN]) == 0;
}

/* Opening. */

static int run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Until then, grants of one knock were known by their moment. */
static int bring_up(sqlite3 *db)
{
	char *sql = sqlite3_mprintf("BEGIN; ALTER TABLE grants ADD COLUMN knock INTEGER NOT NULL"
				    " DEFAULT 0; UPDATE grants SET knock = since_boot_ms;"
				    "PRAGMA user_version = %d; COMMIT",
				    RECORD_VERSION);
	int result = sql == NULL ? SQLITE_NOMEM : run(db, sql);

	sqlite3_free(sql);
	return result;
}

/* Exclusive, so that nobody else reads or writes it, and its index needs no shared memory; WAL, so
 * that a commit is one fsync. What belongs to another boot goes now. */
static int take(struct rows *rows)
{
	int result = run(rows->db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA temp_store = MEMORY;"
				   "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				   "BEGIN EXCLUSIVE; COMMIT");

	if (result != SQLITE_OK)
		return result;
	if (rowread_check(rows->db, RECORD_OLDER) == SQLITE_OK)
		result = bring_up(rows->db);
	return result == SQLITE_OK ? rowread_check(rows->db, RECORD_VERSION) : result;
}

static int prepare(struct rows *rows)
{
	int result = SQLITE_OK;

	for (size_t i = 0; i < STATEMENTS_COUNT && result == SQLITE_OK; i++)
		result = sqlite3_prepare_v3(rows->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
					    &rows->statements[i], NULL);
	return result;
}

static int count_frames(void *context, sqlite3 *db, const char *name, int frames)
{
	struct rows *rows = context;

	(void)db;
	(void)name;
	rows->log_frames = frames;
	return SQLITE_OK;
}

/* A commit into a file that has its length already is one write and one flush of the disk; where
 * the file grows, it is a commit of the file system's own journal, too, which takes twice as long.
 * So the log gets its length now, in zeros, which SQLite reads as the log's end. If that fails,
 * commits are slower, no more: and a disk that is full will say so when it matters. */
static void lengthen_log(struct rows *rows)
{
	static const char zeros[16 * LOG_FRAME]; /* less than the room, which it divides */
	sqlite3_file *log = NULL;
	sqlite3_int64 at = 0, end = LOG_HEADER + (sqlite3_int64)LOG_ROOM * LOG_FRAME;

	sqlite3_file_control(rows->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	if (log == NULL || log->pMethods == NULL || log->pMethods->xFileSize(log, &at) != SQLITE_OK)
		return;
	while (at < end && log->pMethods->xWrite(log, zeros, sizeof zeros, at) == SQLITE_OK)
		at += (sqlite3_int64)sizeof zeros;
	log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

static int forget_other_boots(struct rows *rows)
{
	char *sql = sqlite3_mprintf("DELETE FROM grants WHERE boot_id <> %Q", rows->boot_id);
	int result = sql == NULL ? SQLITE_NOMEM : run(rows->db, sql);

	sqlite3_free(sql);
	return result;
}

/* A table or column that is missing is no error of SQLite's, but it is none of ours either. */
static int as_corrupt(int result)
{
	return result == SQLITE_ERROR || result == SQLITE_NOTADB ? SQLITE_CORRUPT : result;
}

/* SQLite knows that it failed, not why: in the end it has asked for something else. */
static void tell_unusable(struct error *error, const char *path, int result)
{
	const char *words = sqlite3_errstr(result);

	if (access(path, R_OK | W_OK) == -1 && errno == EROFS)
		error_set(error, "%s: %s; make it writable", words, strerror(EROFS));
	else if (result == SQLITE_CANTOPEN || result == SQLITE_READONLY)
		error_set(error, "%s; does it belong to the user of postern-auth?", words);
	else
		error_set(error, "%s; free space, or mend the disk", words);
}

static int open_and_load(struct rows *rows, const char *path, const struct rows_claims *into,
			 struct rows_loaded *loaded, struct error *error)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	int result = sqlite3_open_v2(path, &rows->db, flags, NULL);

	if (result == SQLITE_OK) {
		sqlite3_busy_timeout(rows->db, LOCK_WAIT_MS);
		result = take(rows);
	}
	if (result == SQLITE_OK)
		result = rowread_all(rows->db, rows->boot_id, into, loaded);
	if (result == SQLITE_OK)
		result = prepare(rows);
	if (result == SQLITE_OK)
		result = forget_other_boots(rows);
	if (result == SQLITE_OK) {
		sqlite3_wal_hook(rows->db, count_frames, rows); /* not in a commit: rows_settle */
		lengthen_log(rows);
	}
	if (result == SQLITE_BUSY)
		error_set(error, "another process uses it; is posternd running twice?");
	else if (result != SQLITE_OK && result != SQLITE_CORRUPT && result != SQLITE_NOTADB)
		tell_unusable(error, path, result);
	return as_corrupt(result);
}

/* Back to before open_and_load. */
static void unload(struct rows *rows, const struct rows_claims *into, struct rows_loaded *loaded)
{
	for (size_t i = 0; i < STATEMENTS_COUNT; i++)
		sqlite3_finalize(rows->statements[i]);
	sqlite3_close(rows->db);
	memset(rows->statements, 0, sizeof rows->statements);
	rows->db = NULL;
	memset(into->claims, 0, into->keys->count * sizeof *into->claims);
	rows_forget(loaded);
	memset(loaded, 0, sizeof *loaded);
}

static int rename_companion(const char *path, const char *ending)
{
	char from[PATH_MAX], to[PATH_MAX];

	if (snprintf(from, sizeof from, "%s%s", path, ending) >= (int)sizeof from ||
	    snprintf(to, sizeof to, "%s.corrupt%s", path, ending) >= (int)sizeof to) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (rename(from, to) == 0)
		return 0;
	if (errno != ENOENT || *ending == '\0')
		return -1;
	unlink(to); /* of an earlier one: it would be played into this one */
	return 0;
}

/* One is kept, for whoever wants to know what happened. The record itself goes first: if we die in
 * between, record_make removes the log that is left. */
static int set_aside(const char *path, struct error *error)
{
	if (rename_companion(path, "") == -1 || rename_companion(path, "-wal") == -1)
		return error_set(error, "%s: setting aside: %s", path, strerror(errno));
	return 0;
}

struct rows *rows_open(const char *path, const char *boot_id, uint64_t now_ms,
		       const struct rows_claims *into, struct rows_loaded *loaded,
		       struct error *error)
{
	struct rows *rows = calloc(1, sizeof *rows);

	memset(loaded, 0, sizeof *loaded);
	if (rows == NULL) {
		error_set(error, "no memory");
		return NULL;
	}
	snprintf(rows->boot_id, sizeof rows->boot_id, "%s", boot_id);
	int made = record_make(path, now_ms, error);
	int result = made == -1 ? SQLITE_CANTOPEN : open_and_load(rows, path, into, loaded, error);
	/* To SQLite, and to who reads a column, want of memory may look like damage: damage stays. */
	if (result == SQLITE_CORRUPT) {
		unload(rows, into, loaded);
		result = open_and_load(rows, path, into, loaded, error);
	}
	bool corrupt = result == SQLITE_CORRUPT;
	if (corrupt) {
		unload(rows, into, loaded);
		if (set_aside(path, error) == 0 && (made = record_make(path, now_ms, error)) != -1)
			result = open_and_load(rows, path, into, loaded, error);
	}
	if (result != SQLITE_OK) {
		unload(rows, into, loaded);
		free(rows);
		return NULL;
	}
	loaded->made = made == 0;
	loaded->corrupt = corrupt;
	return rows;
}

void rows_forget(struct rows_loaded *loaded)
{
	free(loaded->grants);
	free(loaded->history);
	free(loaded->blocks);
	loaded->grants = NULL;
	loaded->history = NULL;
	loaded->blocks = NULL;
}

void rows_close(struct rows *rows)
{
	if (rows == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS_COUNT; i++)
		sqlite3_finalize(rows->statements[i]);
	sqlite3_close(rows->db);
	free(rows);
}
