/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long from a sighting to its order, and from the start to work: `make tests/bench/auth`. The process
 * is the real one; the disk is that of $TMPDIR (or /tmp).
 */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accept.h"
#include "system/auth-harness.h"

enum { KNOCKS = 300, PAUSE_US = 60000 };

static double seconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static _Noreturn void give_up(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(1);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void print_times(const char *what, double *times, size_t n)
{
	qsort(times, n, sizeof *times, ascending);
	printf("%-44s median %6.0f us, 9 in 10 under %6.0f us, most %6.0f us\n", what,
	       times[n / 2] * 1e6, times[n * 9 / 10] * 1e6, times[n - 1] * 1e6);
}

/* As one commit does it: append to a file, as much as a claim makes, and wait for the disk. */
static void bare_sync(const struct harness *h)
{
	static char frames[3 * (4096 + 24)];
	static double times[KNOCKS];
	char path[128];

	snprintf(path, sizeof path, "%s/bare", h->folder);
	int fd = open(path, O_CREAT | O_WRONLY, 0600);
	for (int i = 0; i < KNOCKS; i++) {
		usleep(PAUSE_US / 10);
		double before = seconds();
		if (write(fd, frames, sizeof frames) < 0 || fdatasync(fd) == -1)
			give_up(path);
		times[i] = seconds() - before;
	}
	close(fd);
	print_times("bare write and fdatasync of 12 KiB", times, KNOCKS);
}

/* Keys in turn; where there is one alone, as fast as its rate allows. */
static void knocks(struct harness *h, const char *what, size_t n)
{
	static double times[KNOCKS];
	uint8_t knock[KNOCK_SIZE];
	struct address client;
	struct order order;

	address_parse(&client, "198.51.100.7");
	for (size_t i = 0; i < n; i++) {
		usleep(h->n_keys == 1 && i >= 10 ? 1050000 : PAUSE_US);
		client.bytes[15] = (uint8_t)i;
		harness_seal(h, knock, i * h->n_keys / n,
			     (struct request){.proto = DOOR_TCP, .port = 22, .seconds = 1},
			     &client);
		double before = seconds();
		harness_sight(h, knock, 1, &client);
		do
			if (!harness_order(h, &order, 5000))
				give_up("no order");
		while (order.verb != ORDER_OPEN);
		times[i] = seconds() - before;
		harness_ack(h, &order, 0);
		harness_drain_log(h);
	}
	print_times(what, times, n);
}

static double start(struct harness *h)
{
	uint64_t restored;
	int status;

	if (!harness_start(h, &restored, &status))
		give_up("does not start");
	return (double)h->start_us / 1e6;
}

/* Each key has knocked sixteen times, a year ago. */
static void fill_claims(const struct harness *h)
{
	uint8_t times[ACCEPT_WINDOW][8];
	sqlite3_stmt *statement;
	sqlite3 *db;

	for (int i = 0; i < ACCEPT_WINDOW; i++)
		memcpy(times[i], (const uint8_t[8]){0, 0, 1, 0x90, 0, 0, 0, (uint8_t)(200 - i)}, 8);
	sqlite3_open(h->db, &db);
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	sqlite3_prepare_v2(db, "INSERT INTO claims VALUES (?, ?, 0)", -1, &statement, NULL);
	for (size_t i = 0; i < h->n_keys; i++) {
		sqlite3_bind_int64(statement, 1, h->keys[i].who.id);
		sqlite3_bind_blob(statement, 2, times, sizeof times, SQLITE_STATIC);
		if (sqlite3_step(statement) != SQLITE_DONE)
			give_up("cannot fill the record");
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
}

/* Ticks of the process so far, in seconds. */
static double cpu_time(const struct harness *h)
{
	unsigned long user = 0, system = 0;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/stat", (int)h->process.pid);
	FILE *file = fopen(path, "r");
	if (file == NULL ||
	    fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		   &system) != 2)
		give_up(path);
	fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void junk(struct harness *h)
{
	enum { BATCHES = 20000 };
	static uint8_t knocks[SIGHTINGS_BATCH][KNOCK_SIZE];
	double before = cpu_time(h);
	struct address source;

	address_parse(&source, "203.0.113.9");
	crypto_random(knocks, sizeof knocks);
	for (int i = 0; i < BATCHES; i++) {
		knocks[i % SIGHTINGS_BATCH][0]++;
		harness_sight(h, knocks[0], SIGHTINGS_BATCH, &source);
	}
	/* By chance a few have a key's id. */
	for (const char *noise = ""; atol(noise) < BATCHES * SIGHTINGS_BATCH * 9 / 10; usleep(1000))
		noise = strstr(harness_ask(h, "status"), "noise=") + strlen("noise=");
	printf("%-44s %.2f us each\n", "junk, in batches of 32",
	       (cpu_time(h) - before) / (BATCHES * SIGHTINGS_BATCH) * 1e6);
}

static void with_keys(size_t n_keys)
{
	struct harness h;
	char what[64];

	harness_make(&h);
	harness_write_keys(&h);
	start(&h);
	harness_stop(&h);
	usleep(2000);
	while (h.n_keys < n_keys)
		harness_key(&h, false, 0);
	harness_write_keys(&h);
	fill_claims(&h);
	printf("%zu keys, 16 claims each: starts in %.0f ms\n", n_keys, start(&h) * 1e3);
	bare_sync(&h);
	snprintf(what, sizeof what, "sighting to order, %zu keys", n_keys);
	knocks(&h, what, n_keys == 1 ? 40 : KNOCKS);
	junk(&h);
	harness_remove(&h);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	setlinebuf(stdout);
	with_keys(1);
	with_keys(100000);
	return 0;
}
