/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth-scene.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct harness scene;
struct address scene_client, scene_stranger;
const struct request scene_open_ssh = {.proto = DOOR_TCP, .port = 22};
static int tests, failures;

void scene_begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	address_parse(&scene_client, "198.51.100.7");
	address_parse(&scene_stranger, "203.0.113.9");
}

int scene_end(void)
{
	printf("1..%d\n", tests);
	return failures > 0;
}

void scene_result(bool good, const char *name)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, name);
	fflush(stdout);
	failures += !good;
}

void scene_restart(void)
{
	uint64_t restored;
	int status;

	if (harness_start(&scene, &restored, &status))
		return;
	harness_drain_log(&scene);
	printf("Bail out! ended with status %#x instead of starting\n", (unsigned)status);
	exit(1);
}

void scene_set_up(void)
{
	harness_make(&scene);
	harness_write_keys(&scene);
	scene_restart();
	harness_stop(&scene);
	usleep(2000);
	harness_key(&scene, false, 0); /* younger than the record */
	harness_key(&scene, true, 0);
	harness_write_keys(&scene);
	scene_restart();
}

bool scene_no_order(void)
{
	struct order order;

	return !harness_order(&scene, &order, 300);
}

void scene_sight(const uint8_t *knock, const struct address *source)
{
	harness_sight(&scene, knock, 1, source);
}

struct order scene_let_in(uint8_t knock[static KNOCK_SIZE], struct request request)
{
	struct order order = {0};

	harness_seal(&scene, knock, 0, request, &scene_client);
	scene_sight(knock, &scene_client);
	if (harness_order(&scene, &order, HARNESS_PATIENCE_MS))
		harness_ack(&scene, &order, 0);
	return order;
}

bool scene_status(const char *line)
{
	uint64_t end = harness_boot() + HARNESS_PATIENCE_MS;
	char with_end[128];

	snprintf(with_end, sizeof with_end, "%s\n", line);
	while (strstr(harness_ask(&scene, "status"), with_end) == NULL) {
		if (harness_boot() > end)
			return false;
		usleep(10000);
	}
	return true;
}

int64_t scene_sql(const char *text)
{
	sqlite3_stmt *statement;
	sqlite3_int64 value = -1;
	sqlite3 *db;

	sqlite3_open(scene.db, &db);
	if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return value;
}

void scene_overwrite(const char *path, off_t at, const char *bytes)
{
	int fd = open(path, O_WRONLY);

	if (fd == -1 || pwrite(fd, bytes, strlen(bytes), at) < 0)
		printf("Bail out! cannot write %s\n", path), exit(1);
	close(fd);
}
