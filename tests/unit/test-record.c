/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record.h"
#include "unit.h"

static char folder[64], path[80];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test-record.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/state.db", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static sqlite3_int64 ask(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	sqlite3_int64 value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

static int count_files(void)
{
	char command[128];
	snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
	FILE *pipe = popen(command, "r");
	int count = -1;
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%d", &count), 1);
	pclose(pipe);
	return count;
}

static void made(void **state)
{
	struct error error = {""};
	struct stat status;

	(void)state;
	assert_int_equal(record_make(path, 1795460400123, &error), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);
	assert_int_equal(count_files(), 1);
	assert_true(ask("SELECT made_ms FROM about") == 1795460400123);
	assert_int_equal(ask("PRAGMA application_id"), RECORD_APPLICATION);
	assert_int_equal(ask("PRAGMA user_version"), RECORD_VERSION);
	assert_int_equal(ask("SELECT count(*) FROM claims"), 0);
}

static void made_once(void **state)
{
	struct error error = {""};

	(void)state;
	assert_int_equal(record_make(path, 1000, &error), 0);
	assert_int_equal(record_make(path, 2000, &error), 1);
	assert_int_equal(ask("SELECT made_ms FROM about"), 1000);
	assert_int_equal(count_files(), 1);
}

/* A file that is no record is not ours to overwrite; auth decides what becomes of it. */
static void other_file_left_alone(void **state)
{
	struct stat status;

	(void)state;
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(record_make(path, 1000, NULL), 1);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 0);
}

/* The write-ahead log of a record that was deleted must not be played into the new one. */
static void old_log_removed(void **state)
{
	char log[96];
	sqlite3 *db;

	(void)state;
	assert_int_equal(record_make(path, 1000, NULL), 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	const char *sql = "PRAGMA journal_mode = WAL; UPDATE about SET made_ms = 555;";
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(unlink(path), 0);
	snprintf(log, sizeof log, "%s-wal", path);
	assert_int_equal(access(log, F_OK), 0);
	assert_int_equal(record_make(path, 2000, NULL), 0);
	assert_int_equal(access(log, F_OK), -1);
	assert_int_equal(ask("SELECT made_ms FROM about"), 2000);
	sqlite3_close(db);
}

static void no_folder(void **state)
{
	struct error error = {""};

	(void)state;
	assert_int_equal(record_make("/tmp/no/such/folder/state.db", 1000, &error), -1);
	assert_non_null(strstr(error.text, "/tmp/no/such/folder"));
}

/* Of many makers at one moment exactly one makes it. */
static void race(void **state)
{
	enum { MAKERS = 8 };
	int won = 0;

	(void)state;
	for (int i = 0; i < MAKERS; i++)
		if (fork() == 0)
			_exit(record_make(path, 1000 + (uint64_t)i, NULL) & 0xff);
	for (int i = 0; i < MAKERS; i++) {
		int status;
		wait(&status);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
		won += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(won, 1);
	assert_int_equal(ask("SELECT count(*) FROM about"), 1);
	assert_int_equal(count_files(), 1);
}

/* Root makes it for the folder's owner, and is root again afterwards. */
static void of_the_folders_owner(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(chown(folder, 12345, 12346), 0);
	assert_int_equal(record_make(path, 1000, NULL), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_uid, 12345);
	assert_int_equal(status.st_gid, 12346);
	assert_int_equal(geteuid(), 0);
	assert_int_equal(getegid(), 0);
}

static bool can_chown(void)
{
	make_folder(NULL);
	bool can = geteuid() == 0 && chown(folder, 12345, 12346) == 0;
	remove_folder(NULL);
	return can;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(made, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(made_once, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(other_file_left_alone, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(old_log_removed, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(no_folder, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(race, make_folder, remove_folder),
	    cmocka_unit_test_setup_teardown(of_the_folders_owner, make_folder, remove_folder),
	};
	bool all = can_chown();
	if (!all)
		puts("# of_the_folders_owner left out: needs root");
	return _cmocka_run_group_tests("record", tests, COUNT(tests) - !all, NULL, NULL);
}
