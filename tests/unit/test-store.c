/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record under its writer thread, with its syncs counted: fdatasync and fsync are defined here,
 * and the dynamic linker gives them to SQLite as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "auth/store.h"
#include "crypto.h"
#include "unit.h"

static int syncs, calls, fail_at; /* the call of that number fails, and all after it; 0: none */
int fdatasync(int fd);
int fsync(int fd);

static bool fails(void)
{
	int number = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);

	errno = ENOSPC;
	return fail_at != 0 && number >= fail_at;
}

int fdatasync(int fd)
{
	__atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
	return fails() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	__atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
	return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
	return fails() ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
}

enum { KEYS = 100 };
static const char boot[] = "a-boot", other_boot[] = "another-boot";
static char folder[64], path[80];
static struct keys keys;
static struct claims claims[KEYS];
static struct rows_loaded loaded;
static struct error error;
static int event;

/* Ids 1000 to 1099. */
static void make_keys(void)
{
	uint8_t secret[CRYPTO_KEY] = {1};
	static char text[KEYS * 200];
	size_t used;

	keys_print_server(text, sizeof text, secret, 1000);
	used = strlen(text);
	for (uint32_t i = 0; i < KEYS; i++) {
		struct key key = {.since_ms = 1000};
		snprintf(key.name, sizeof key.name, "key%u", i);
		key.who.id = 1000 + i;
		crypto_random(key.who.key, sizeof key.who.key);
		text[used++] = '\n';
		assert_int_equal(keys_print_line(text + used, sizeof text - used, &key, NULL), 0);
		used += strlen(text + used);
	}
	assert_int_equal(keys_parse(&keys, text, used, NULL), 0);
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test-store.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/state.db", folder);
	return 0;
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	store_end(); /* of a test that failed */
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

static int try_load(const char *boot_id)
{
	const struct rows_claims into = {&keys, claims};

	memset(claims, 0, sizeof claims);
	error.text[0] = '\0';
	event = store_start();
	assert_true(event >= 0);
	return store_load(path, boot_id, 5000, &into, &loaded, &error);
}

static void load(void)
{
	rows_forget(&loaded);
	assert_int_equal(try_load(boot), 0);
}

/* With the thread woken ahead now and then, as auth does: nothing is lost or written by that. */
static void wait_for(uint64_t ticket)
{
	static uint64_t warm_ms;
	struct pollfd poll_it = {.fd = event, .events = POLLIN};
	uint64_t done = 0;

	for (;; warm_ms += 11) {
		store_warm(warm_ms);
		store_flush(1);
		assert_int_equal(store_done(&done, &error), 0);
		if (done >= ticket)
			return;
		assert_int_equal(poll(&poll_it, 1, 10000), 1);
	}
}

static sqlite3_int64 sql(const char *text)
{
	sqlite3_stmt *statement;
	sqlite3_int64 value = -1;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

static void makes_and_keeps(void **state)
{
	struct claims some = {.times_ms = {900, 800, 1}, .count = 3, .code_step = 7};
	struct rows_about about = {.clock = {1, 2, 3}, .last_grant = 4, .wall_less_boot_ms = -5};

	(void)state;
	load();
	assert_true(loaded.made && !loaded.corrupt && !loaded.same_boot);
	assert_int_equal(loaded.about.clock.made_ms, 5000);
	store_put_claim(1002, &some);
	store_put_claim(77, &some); /* of no key there is */
	some.times_ms[0] = UINT64_MAX;
	wait_for(store_put_claim(1003, &some));
	store_put_about(&about);
	wait_for(store_hurry());
	store_end();
	load();
	assert_true(!loaded.made && !loaded.corrupt && loaded.same_boot);
	assert_memory_equal(&loaded.about, &about, sizeof about);
	assert_memory_equal(&claims[3], &some, sizeof some);
	some.times_ms[0] = 900;
	assert_memory_equal(&claims[2], &some, sizeof some);
	assert_int_equal(claims[4].count, 0);
	store_end();
	assert_int_equal(sql("SELECT count(*) FROM claims WHERE id = 77"), 1);
}

static void assert_same_grant(const struct grant *a, const struct grant *b)
{
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->knock, b->knock);
	assert_int_equal(a->since_boot_ms, b->since_boot_ms);
	assert_int_equal(a->until_boot_ms, b->until_boot_ms);
	assert_int_equal(a->since_ms, b->since_ms);
	assert_int_equal(a->until_ms, b->until_ms);
	assert_true(address_equal(&a->address, &b->address) && door_equal(&a->door, &b->door));
	assert_int_equal(a->id, b->id);
	assert_int_equal(a->logins, b->logins);
	assert_string_equal(a->key, b->key);
	assert_string_equal(a->via, b->via);
}

static void grants(void **state)
{
	const struct grant grant = {.number = 9,
				    .knock = 7,
				    .since_boot_ms = 10,
				    .until_boot_ms = 20,
				    .since_ms = 30,
				    .until_ms = 40,
				    .address = {{1, 2, 3}},
				    .door = {22, DOOR_TCP, 0},
				    .id = 1002,
				    .logins = 3,
				    .key = "key2",
				    .via = "spa"};
	struct grant another = grant;

	(void)state;
	load();
	another.number = 8;
	store_put_opened(&grant);
	store_put_opened(&another);
	another.number = 7;
	store_put_opened(&another);
	store_put_turn(7, ROWS_TURN_ENDED);
	wait_for(store_hurry());
	store_end();
	load();
	assert_int_equal(loaded.n_grants, 2);
	assert_int_equal(loaded.grants[0].number, 8);
	assert_same_grant(&loaded.grants[1], &grant);
	store_end();
	rows_forget(&loaded);
	assert_int_equal(try_load(other_boot), 0);
	assert_int_equal(loaded.n_grants, 0);
	store_end();
	assert_int_equal(sql("SELECT count(*) FROM grants"), 0);
}

/* What nobody waits for goes by itself, a moment later. */
static void lazy(void **state)
{
	(void)state;
	load();
	store_put_turn(1, ROWS_TURN_ENDED);
	store_flush(1000);
	uint64_t at = store_deadline();
	assert_true(at > 1000 && at <= 1100);
	store_flush(at - 1);
	assert_int_equal(store_deadline(), at);
	store_flush(at);
	struct pollfd poll_it = {.fd = event, .events = POLLIN};
	uint64_t done = 0;
	while (store_done(&done, &error) == 0 && done == 0)
		assert_int_equal(poll(&poll_it, 1, 10000), 1);
	assert_true(store_deadline() == UINT64_MAX);
	assert_int_equal(store_commits(), 1);
	store_end();
}

static void few_syncs(void **state)
{
	struct claims some = {.count = 1};

	(void)state;
	load();
	wait_for(store_put_claim(1000, &some));
	int before = syncs;
	uint64_t ticket = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		some.times_ms[0] = i;
		ticket = store_put_claim(1000 + i % KEYS, &some);
		store_flush(1);
	}
	wait_for(ticket);
	print_message("# 1000 claims, %d syncs\n", syncs - before);
	assert_in_range(syncs - before, 1, 100);
	before = syncs;
	wait_for(store_put_claim(1000, &some));
	assert_int_equal(syncs - before, 1); /* and one alone is one */
	store_end();
}

static void history_is_bounded(void **state)
{
	const struct rows_event event_row = {.at_ms = 1, .event = "opened", .key = "key2"};

	(void)state;
	load();
	for (int i = 0; i < ROWS_HISTORY + 500; i++)
		store_put_event(&event_row);
	wait_for(store_hurry());
	store_put_event(&event_row);
	store_end();
	assert_int_equal(sql("SELECT count(*) FROM history"), ROWS_HISTORY);
	assert_int_equal(sql("SELECT max(number) FROM history"), ROWS_HISTORY + 501);
}

/* Claims until one fails; how many were durable. The load itself may fail, too. */
static uint64_t claim_until_failure(void)
{
	struct claims some = {.count = 1};
	uint64_t done = 0;

	if (try_load(boot) == -1)
		return 0;
	for (uint64_t i = 1; i <= 10; i++) {
		struct pollfd poll_it = {.fd = event, .events = POLLIN};
		some.times_ms[0] = i;
		uint64_t ticket = store_put_claim(1000, &some);
		while (done < ticket) {
			store_flush(1);
			if (store_done(&done, &error) == -1)
				return i - 1;
			poll(&poll_it, 1, 5);
		}
	}
	return 10;
}

/* Every write and every sync fails in turn, and the disk stays bad until the process has ended:
 * what was called durable is there afterwards, and the record is whole. */
static void failing_disk(void **state)
{
	bool failed = true;
	int at = 0, failures = 0;

	(void)state;
	for (; failed; at++) {
		fail_at = calls + 1 + at;
		uint64_t durable = claim_until_failure();
		failed = calls >= fail_at;
		failures += durable < 10;
		store_end();
		fail_at = 0;
		load();
		assert_false(loaded.corrupt);
		uint64_t there = claims[0].count > 0 ? claims[0].times_ms[0] : 0;
		assert_in_range(there, durable, durable + 1);
		store_end();
		unlink(path);
		assert_int_equal(rmdir(folder), 0); /* nothing is left beside it */
		assert_int_equal(mkdir(folder, 0700), 0);
	}
	print_message("# %d calls failed in turn, %d of them while it counted\n", at - 1, failures);
	assert_true(failures > 20);
}

/* A child writes claims as fast as it can, tells each that is durable, and is killed. Whatever it
 * told must be there, and nothing that it did not write. */
static _Noreturn void claim_until_killed(int out)
{
	struct claims some = {.count = 1};
	uint64_t durable = 0, done;

	load();
	for (uint64_t i = 1;; i++) {
		uint64_t ticket = 0;
		for (uint32_t j = 0; j < 1 + i % 5; j++) {
			some.times_ms[0] = i;
			ticket = store_put_claim(1000 + j, &some);
		}
		store_flush(1);
		do
			if (store_done(&done, &error) == -1)
				_exit(1);
		while (done < ticket && (store_flush(1), usleep(50), true));
		durable = i;
		if (write(out, &durable, sizeof durable) != sizeof durable)
			_exit(1);
	}
}

static uint64_t last_told(int in)
{
	uint64_t told, last = 0;

	while (read(in, &told, sizeof told) == sizeof told)
		last = told;
	return last;
}

static void check_after_kill(uint64_t last)
{
	load();
	assert_false(loaded.corrupt);
	for (uint64_t j = 0; j < 5; j++) {
		/* The last i up to the told one with 1 + i % 5 > j. */
		uint64_t least = last;
		while (least > 0 && least % 5 < j)
			least--;
		uint64_t there = claims[j].count > 0 ? claims[j].times_ms[0] : 0;
		assert_in_range(there, least, last + 1);
	}
	store_end();
}

static void killed(void **state)
{
	enum { TIMES = 30 };
	uint64_t all = 0;

	(void)state;
	srandom(4);
	for (int i = 0; i < TIMES; i++) {
		int channel[2];
		assert_int_equal(pipe(channel), 0);
		pid_t pid = fork();
		if (pid == 0)
			claim_until_killed(channel[1]);
		close(channel[1]);
		/* From the first claim on, at any moment. */
		struct pollfd first = {.fd = channel[0], .events = POLLIN};
		assert_int_equal(poll(&first, 1, 10000), 1);
		usleep((useconds_t)(random() % 30000));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		uint64_t last = last_told(channel[0]);
		close(channel[0]);
		all += last;
		check_after_kill(last);
		unlink(path);
	}
	print_message("# %d kills, %llu claims\n", TIMES, (unsigned long long)all);
}

static void overwrite(off_t at)
{
	static const char junk[] = "neither a page nor anything else that a database is made of";
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
	close(fd);
}

static void expect_set_aside(void)
{
	char aside[96];

	load();
	assert_true(loaded.made && loaded.corrupt);
	assert_int_equal(claims[2].count, 0);
	assert_int_equal(loaded.about.clock.made_ms, 5000);
	store_end();
	snprintf(aside, sizeof aside, "%s.corrupt", path);
	assert_int_equal(unlink(aside), 0);
}

static void damaged(void **state)
{
	static const char *const changes[] = {
	    "PRAGMA user_version = 4",
	    "PRAGMA application_id = 2",
	    "DROP TABLE claims",
	    "ALTER TABLE about RENAME COLUMN newest_ms TO latest_ms",
	    "DELETE FROM about",
	    "UPDATE claims SET times = x'00'",
	    "UPDATE claims SET times = x'00000000000000010000000000000002'",
	    "UPDATE claims SET id = 99999999999",
	};
	struct claims some = {.times_ms = {900}, .count = 1};

	(void)state;
	for (size_t i = 0; i < COUNT(changes) + 3; i++) {
		load();
		wait_for(store_put_claim(1002, &some));
		store_end();
		if (i < COUNT(changes))
			sql(changes[i]);
		else if (i == COUNT(changes))
			assert_int_equal(truncate(path, 0), 0);
		else
			overwrite(i == COUNT(changes) + 1 ? 0 : 4096);
		expect_set_aside();
	}
}

static off_t log_size(void)
{
	char log[96];
	struct stat status;

	snprintf(log, sizeof log, "%s-wal", path);
	assert_int_equal(stat(log, &status), 0);
	return status.st_size;
}

/* A file that grows makes a commit slow: the log has its length from the start, and is written back
 * before it needs more. */
static void log_keeps_its_length(void **state)
{
	enum { COMMITS = 700, PAGE = 4096 };
	struct claims some = {.count = 1};

	(void)state;
	load();
	off_t before = log_size();
	assert_true(before > PAGE && before < (off_t)COMMITS * PAGE);
	for (uint64_t i = 1; i <= COMMITS; i++) {
		some.times_ms[0] = i;
		wait_for(store_put_claim(1002, &some));
	}
	assert_int_equal(log_size(), before);
	store_end();
	load();
	assert_int_equal(claims[2].times_ms[0], COMMITS);
	store_end();
}

/* The log of a record that was set aside goes with it. */
static void log_goes_along(void **state)
{
	struct claims some = {.times_ms = {900}, .count = 1};
	char log[96];

	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		load();
		wait_for(store_put_claim(1002, &some));
		_exit(0); /* without closing: the log stays */
	}
	waitpid(pid, NULL, 0);
	snprintf(log, sizeof log, "%s-wal", path);
	assert_int_equal(access(log, F_OK), 0);
	assert_int_equal(truncate(log, 0), 0); /* its only claim was there */
	overwrite(0);
	expect_set_aside();
	load();
	assert_int_equal(claims[2].count, 0);
	store_end();
}

/* The other process is made before there is a thread, which might hold a lock while it is copied. */
static void in_use(void **state)
{
	int channel[2], status;
	char begin;

	(void)state;
	assert_int_equal(pipe(channel), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(channel[1]); /* so that our end is the child's as well */
		bool refused = read(channel[0], &begin, 1) == 1 && try_load(boot) == -1 &&
			       strstr(error.text, "another process") != NULL;
		_exit(refused ? 0 : 1);
	}
	load();
	assert_int_equal(write(channel[1], "b", 1), 1);
	waitpid(pid, &status, 0);
	close(channel[0]);
	close(channel[1]);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(access(path, F_OK), 0);
	store_end();
}

static void taken_away(void **state)
{
	const struct claims some = {.times_ms = {900}, .count = 1};
	struct pollfd poll_it = {.fd = event, .events = POLLIN};
	uint64_t done = 0;

	(void)state;
	load();
	poll_it.fd = event;
	assert_int_equal(unlink(path), 0);
	store_put_claim(1002, &some);
	store_flush(1);
	while (store_done(&done, &error) == 0) {
		assert_int_equal(done, 0);
		assert_int_equal(poll(&poll_it, 1, 10000), 1);
	}
	assert_non_null(strstr(error.text, "removed or replaced"));
	store_end();
}

static void no_folder(void **state)
{
	(void)state;
	snprintf(path, sizeof path, "%s/none/state.db", folder);
	assert_int_equal(try_load(boot), -1);
	assert_non_null(strstr(error.text, "none"));
	store_end();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
	    TEST(makes_and_keeps),      TEST(grants), TEST(lazy),         TEST(few_syncs),
	    TEST(history_is_bounded),   TEST(killed), TEST(failing_disk), TEST(damaged),
	    TEST(log_goes_along),       TEST(in_use), TEST(taken_away),   TEST(no_folder),
	    TEST(log_keeps_its_length),
	};

	if (crypto_start() == -1)
		return 1;
	make_keys();
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
