/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/rows.h"
#include "record.h"
#include "unit.h"

static const char boot[] = "00000000-0000-4000-8000-000000000001";
static const struct keys keys;
static struct claims claims[1];
static const struct rows_claims into = {&keys, claims};
static struct rows_loaded loaded;
static char path[64];

static int set_up(void **state)
{
	char folder[] = "/tmp/test-rows.XXXXXX";

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/state.db", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	*strrchr(path, '/') = '\0';
	return rmdir(path);
}

/* One life: what it loads is in loaded, and then it opens this. */
static void live(struct grant *grant)
{
	const struct rows_batch batch = {.opened = grant, .n_opened = 1};
	struct error error = {""};
	struct rows *rows = rows_open(path, boot, 5000, &into, &loaded, &error);

	assert_non_null(rows);
	assert_int_equal(rows_write(rows, &batch, &error), 0);
	rows_close(rows);
}

static void make_older(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
			 "CREATE TABLE before AS SELECT number, id, key, address, proto, port,"
			 " boot_id, since_boot_ms, until_boot_ms, since_ms, until_ms, via, logins,"
			 " over FROM grants; DROP TABLE grants;"
			 "ALTER TABLE before RENAME TO grants; PRAGMA user_version = 2",
			 NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
}

/* A record of the version before is brought up, and loses nothing. */
static void older(void **state)
{
	struct grant grant = {
	    .number = 9, .knock = 8, .since_boot_ms = 10, .until_boot_ms = 20, .key = "alice"};

	(void)state;
	live(&grant);
	assert_true(loaded.made);
	make_older();
	grant.number = 10;
	live(&grant);
	assert_false(loaded.made || loaded.corrupt);
	assert_int_equal(loaded.n_grants, 1);
	assert_int_equal(loaded.grants[0].number, 9);
	assert_int_equal(loaded.grants[0].knock, 10); /* their moment */
	rows_forget(&loaded);
	grant.number = 11;
	live(&grant);
	assert_int_equal(loaded.n_grants, 2);
	assert_int_equal(loaded.grants[0].knock, 10);
	assert_int_equal(loaded.grants[1].knock, 8);
	rows_forget(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(older, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
