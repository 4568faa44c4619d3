/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Times are in milliseconds: wall since 1970, boot by CLOCK_BOOTTIME in the life that boot_id names.
 * A claim's times are 64-bit numbers, big-endian, greatest first, as in struct claims. */
static const char schema[] =
    "CREATE TABLE about (one INTEGER PRIMARY KEY CHECK (one = 1), made_ms INTEGER NOT NULL,"
    " old_floor_ms INTEGER NOT NULL, newest_ms INTEGER NOT NULL, last_grant INTEGER NOT NULL,"
    " boot_id TEXT NOT NULL, wall_less_boot_ms INTEGER NOT NULL);"
    "CREATE TABLE claims (id INTEGER PRIMARY KEY, times BLOB NOT NULL, code_step INTEGER NOT NULL);"
    "CREATE TABLE grants (number INTEGER PRIMARY KEY, id INTEGER NOT NULL, key TEXT NOT NULL,"
    " address BLOB NOT NULL, proto INTEGER NOT NULL, port INTEGER NOT NULL, boot_id TEXT NOT NULL,"
    " since_boot_ms INTEGER NOT NULL, until_boot_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL, via TEXT NOT NULL, logins INTEGER NOT NULL,"
    " over INTEGER NOT NULL, knock INTEGER NOT NULL);"
    "CREATE TABLE history (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, event TEXT NOT NULL,"
    " key TEXT NOT NULL, id INTEGER NOT NULL, address BLOB NOT NULL, proto INTEGER NOT NULL,"
    " port INTEGER NOT NULL, grant INTEGER NOT NULL, via TEXT NOT NULL, reason TEXT NOT NULL,"
    " seconds INTEGER NOT NULL, user TEXT NOT NULL, service TEXT NOT NULL);"
    "CREATE TABLE blocks (address BLOB PRIMARY KEY, until_ms INTEGER NOT NULL) WITHOUT ROWID;";

static int fill(sqlite3 *db, uint64_t now_ms)
{
	char *sql =
	    sqlite3_mprintf("PRAGMA synchronous = FULL; BEGIN;"
			    "PRAGMA application_id = %d; PRAGMA user_version = %d; %s"
			    "INSERT INTO about VALUES (1, %llu, 0, 0, 0, '', 0); COMMIT",
			    RECORD_APPLICATION, RECORD_VERSION, schema, (unsigned long long)now_ms);
	if (sql == NULL)
		return -1;
	int result = sqlite3_exec(db, sql, NULL, NULL, NULL);
	sqlite3_free(sql);
	return result == SQLITE_OK ? 0 : -1;
}

static int build(const char *path, uint64_t now_ms, struct error *error)
{
	sqlite3 *db = NULL;
	int result = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	if (result != SQLITE_OK || fill(db, now_ms) == -1)
		result = error_set(error, "%s: %s", path,
				   db ? sqlite3_errmsg(db) : sqlite3_errstr(result));
	if (sqlite3_close(db) != SQLITE_OK && result == 0)
		result = error_set(error, "%s: cannot be closed", path);
	return result;
}

static int sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	int result = fsync(fd);
	close(fd);
	return result;
}

/* A log of another record beside this one would be played into it. */
static int remove_companions(const char *path)
{
	static const char *const endings[] = {"-wal", "-shm", "-journal"};
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		char name[PATH_MAX];
		int length = snprintf(name, sizeof name, "%s%s", path, endings[i]);
		if (length >= (int)sizeof name) {
			errno = ENAMETOOLONG;
			return -1;
		}
		if (unlink(name) == -1 && errno != ENOENT)
			return -1;
	}
	return 0;
}

/* Built under another name and then linked: who finds it finds it whole, and of two makers at the
 * same moment one wins and the other is told. */
static int make(const char *path, const char *folder, uint64_t now_ms, struct error *error)
{
	char temporary[PATH_MAX];
	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
		return error_set(error, "%s: the name is too long", path);
	int fd = mkstemp(temporary); /* 0600, and never through a link */
	if (fd == -1)
		return error_set(error, "%s: %s", temporary, strerror(errno));
	close(fd);
	int result = build(temporary, now_ms, error);
	if (result == 0 && remove_companions(path) == -1)
		result = error_set(error, "%s: what a lost record left beside it: %s", path,
				   strerror(errno));
	if (result == 0 && link(temporary, path) == -1)
		result = errno == EEXIST ? 1 : error_set(error, "%s: %s", path, strerror(errno));
	unlink(temporary);
	remove_companions(temporary); /* of a making that failed */
	if (result == 0 && sync_folder(folder) == -1)
		result = error_set(error, "%s: %s", folder, strerror(errno));
	return result;
}

/* Effective ids alone: while the user is not root, the group cannot be changed. */
static int become(uid_t uid, gid_t gid)
{
	if (geteuid() == 0)
		return setegid(gid) == -1 || seteuid(uid) == -1 ? -1 : 0;
	return seteuid(uid) == -1 || setegid(gid) == -1 ? -1 : 0;
}

/* Root makes it as the folder's owner: the file is then of who will use it, and no link that this
 * owner may have put there leads root anywhere. */
static int make_as(const struct stat *owner, const char *path, const char *folder, uint64_t now_ms,
		   struct error *error)
{
	gid_t gid = getegid();

	if (become(owner->st_uid, owner->st_gid) == -1) {
		become(0, gid);
		return error_set(error, "%s: becoming its owner: %s", folder, strerror(errno));
	}
	int result = make(path, folder, now_ms, error);
	if (become(0, gid) == -1)
		return error_set(error, "becoming root again: %s", strerror(errno));
	return result;
}

int record_make(const char *path, uint64_t now_ms, struct error *error)
{
	char folder[PATH_MAX];
	struct stat status;
	const char *slash = strrchr(path, '/');
	int length = slash == NULL || slash == path ? 1 : (int)(slash - path);

	if (lstat(path, &status) == 0)
		return 1;
	if (errno != ENOENT)
		return error_set(error, "%s: %s", path, strerror(errno));
	if (snprintf(folder, sizeof folder, "%.*s", length, slash ? path : ".") >= PATH_MAX)
		return error_set(error, "%s: the name is too long", path);
	if (stat(folder, &status) == -1)
		return error_set(error,
				 "%s: %s; make the folder, owned by the user of postern-auth",
				 folder, strerror(errno));
	if (geteuid() == 0 && status.st_uid != 0)
		return make_as(&status, path, folder, now_ms, error);
	return make(path, folder, now_ms, error);
}
