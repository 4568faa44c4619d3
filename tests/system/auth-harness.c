/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth-harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto.h"

char harness_line[2048];
char harness_answer[65536];

static _Noreturn void bail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t read_clock(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	return (uint64_t)at.tv_sec * 1000 + (uint64_t)at.tv_nsec / 1000000;
}

uint64_t harness_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t harness_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

static uint64_t microseconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000 + (uint64_t)at.tv_nsec / 1000;
}

/* As root, the process becomes somebody else; otherwise, and in a user namespace, it stays. */
static void choose_user(struct harness *h)
{
	enum { SOMEBODY = 23456 };

	h->start.uid = geteuid();
	h->start.gid = getegid();
	if (geteuid() == 0 && chown(h->state, SOMEBODY, SOMEBODY) == 0)
		h->start.uid = h->start.gid = SOMEBODY;
}

static void fill_config(struct config *config)
{
	config->n_sources = 1;
	config->sources[0].kind = SOURCE_NFLOG;
	portset_parse(&config->spa, "53,20480-32767", NULL);
	config->doors[0] = (struct door){.proto = DOOR_TCP, .port = 22};
	config->doors[1] = (struct door){.proto = DOOR_UDP, .port = 1194};
	config->n_doors = 2;
	config->grant_default_s = 30;
	config->grant_max_s = 3600;
	config->clock_window_s = 120;
	config->gather_window_s = 10;
	config->gather_sources = 64;
	config->firewall = CONFIG_NONE;
}

static void read_boot_id(char *boot_id)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");

	if (file == NULL || fgets(boot_id, MSG_BOOT_ID, file) == NULL)
		bail("boot_id");
	fclose(file);
}

void harness_make(struct harness *h)
{
	memset(h, 0, sizeof *h);
	h->capture = h->firewall = h->log = -1;
	const char *temporary = getenv("TMPDIR");
	snprintf(h->folder, sizeof h->folder, "%s/postern-auth.XXXXXX",
		 temporary != NULL && strlen(temporary) < 30 ? temporary : "/tmp");
	if (mkdtemp(h->folder) == NULL || chmod(h->folder, 0755) == -1)
		bail("folder");
	snprintf(h->state, sizeof h->state, "%s/state", h->folder);
	snprintf(h->keys_path, sizeof h->keys_path, "%s/keys", h->folder);
	snprintf(h->socket_path, sizeof h->socket_path, "%s/control.sock", h->folder);
	snprintf(h->db, sizeof h->db, "%s/state.db", h->state);
	if (mkdir(h->state, 0700) == -1)
		bail("state folder");
	choose_user(h);
	fill_config(&h->start.config);
	read_boot_id(h->start.boot_id);
	strcpy(h->start.root, h->state);
	strcpy(h->start.config.state, h->state);
	strcpy(h->start.config.keys, h->keys_path);
	address_parse(&h->start.own[0], "192.0.2.1");
	h->start.n_own = 1;
	if (crypto_start() == -1)
		bail("libgcrypt");
	crypto_random(h->server, sizeof h->server);
}

void harness_remove(struct harness *h)
{
	char command[128];

	if (h->process.pid > 0)
		harness_kill(h);
	for (size_t i = 0; i < h->n_keys; i++)
		free(h->keys[i].doors);
	free(h->keys);
	snprintf(command, sizeof command, "rm -rf %s", h->folder);
	if (system(command) != 0)
		bail(command);
}

size_t harness_key(struct harness *h, bool nat, uint64_t since_ms)
{
	h->keys = reallocarray(h->keys, h->n_keys + 1, sizeof *h->keys);
	if (h->keys == NULL)
		bail("memory");
	struct key *key = &h->keys[h->n_keys];
	*key = (struct key){.since_ms = since_ms ? since_ms : harness_now(), .nat = nat};
	key->who.id = 0x1000 + (uint32_t)h->n_keys;
	crypto_random(key->who.key, sizeof key->who.key);
	snprintf(key->name, sizeof key->name, "key%zu", h->n_keys);
	key->doors = calloc(2, sizeof *key->doors);
	key->doors[0] = (struct door){.proto = DOOR_TCP, .port = 22};
	key->doors[1] = (struct door){.proto = DOOR_UDP, .port = 1194};
	key->n_doors = 2;
	return h->n_keys++;
}

void harness_write_keys(const struct harness *h)
{
	FILE *file = fopen(h->keys_path, "w");
	char line[KEYS_LINE];

	if (file == NULL)
		bail(h->keys_path);
	keys_print_server(line, sizeof line, h->server, 1000);
	fprintf(file, "%s\n", line);
	for (size_t i = 0; i < h->n_keys; i++) {
		if (keys_print_line(line, sizeof line, &h->keys[i], NULL) == -1)
			bail("key line");
		fprintf(file, "%s\n", line);
	}
	fclose(file);
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	unlink(path);
	if (fd == -1 || bind(fd, (const struct sockaddr *)&address, sizeof address) == -1 ||
	    listen(fd, 128) == -1)
		bail("control socket");
	return fd;
}

static void make_pair(int *ours, int *its, int type)
{
	int pair[2];

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) == -1)
		bail("socketpair");
	*ours = pair[0];
	*its = pair[1];
}

void harness_forget(struct harness *h)
{
	int *fds[] = {&h->capture, &h->firewall, &h->log};

	for (size_t i = 0; i < 3; i++) {
		if (*fds[i] != -1)
			close(*fds[i]);
		*fds[i] = -1;
	}
	spawn_forget(&h->process);
}

/* What of the grants of an earlier life is ordered again, up to RESTORED. */
static uint64_t take_restored(struct harness *h)
{
	static struct msg msg;
	uint64_t orders = 0;

	for (;;) {
		struct pollfd poll_it = {.fd = h->firewall, .events = POLLIN};
		if (poll(&poll_it, 1, HARNESS_PATIENCE_MS) != 1 ||
		    msg_receive(h->firewall, &msg, ROLE_AUTH, ROLE_FIREWALL, MSG_RESTORING) != 1)
			bail("no RESTORED");
		if (msg.type == MSG_RESTORED)
			break;
		if (h->restored != NULL)
			h->restored(&msg.body.ORDER);
		harness_ack(h, &msg.body.ORDER, 0);
		orders++;
	}
	if (msg.body.RESTORED.count != orders) {
		errno = 0;
		bail("RESTORED does not count the orders");
	}
	return orders;
}

bool harness_start(struct harness *h, uint64_t *restored, int *status)
{
	int own[PROCESS_AUTH_END - PROCESS_FIRST], log;
	struct pollfd ready = {.events = POLLIN};
	char byte;

	if (h->program[0] == '\0')
		snprintf(h->program, sizeof h->program, "%s/daemon/auth/postern-auth",
			 getenv("builddir") ? getenv("builddir") : ".");
	make_pair(&h->capture, &own[PROCESS_AUTH_CAPTURE - PROCESS_FIRST], SOCK_SEQPACKET);
	make_pair(&h->firewall, &own[PROCESS_AUTH_FIREWALL - PROCESS_FIRST], SOCK_SEQPACKET);
	make_pair(&h->log, &log, SOCK_DGRAM);
	own[PROCESS_AUTH_KEYS - PROCESS_FIRST] = open(h->keys_path, O_RDONLY | O_CLOEXEC);
	own[PROCESS_AUTH_CONTROL - PROCESS_FIRST] = listen_on(h->socket_path);
	uint64_t before = microseconds();
	if (spawn_process(&h->process, ROLE_AUTH, h->program, &h->start, log, own,
			  sizeof own / sizeof *own) == -1)
		bail(h->program);
	close(log);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		close(own[i]);
	ready.fd = h->process.ready;
	if (poll(&ready, 1, 60000) != 1)
		bail("not ready within a minute");
	h->start_us = microseconds() - before;
	if (read(ready.fd, &byte, 1) != 1) { /* the pipe ended with the process */
		waitpid(h->process.pid, status, 0);
		h->process.pid = 0;
		return false;
	}
	*restored = take_restored(h);
	return true;
}

void harness_kill(struct harness *h)
{
	kill(h->process.pid, SIGKILL);
	waitpid(h->process.pid, NULL, 0);
	h->process.pid = 0;
	harness_forget(h);
}

int harness_wait(struct harness *h)
{
	int status = -1;

	for (int i = 0; i < HARNESS_PATIENCE_MS / 10; i++) {
		if (waitpid(h->process.pid, &status, WNOHANG) == h->process.pid) {
			h->process.pid = 0;
			return status;
		}
		usleep(10000);
	}
	errno = 0;
	bail("the process does not end");
}

void harness_leave(struct harness *h)
{
	close(h->process.channel);
	close(h->capture);
	h->process.channel = h->capture = -1;
}

int harness_stop(struct harness *h)
{
	harness_leave(h);
	int status = harness_wait(h);
	harness_forget(h);
	return status;
}

void harness_seal(struct harness *h, uint8_t knock[static KNOCK_SIZE], size_t i,
		  struct request request, const struct address *source)
{
	uint64_t now_ms = harness_now();

	if (request.time_ms == 0) {
		h->last_time_ms = now_ms > h->last_time_ms ? now_ms : h->last_time_ms + 1;
		request.time_ms = h->last_time_ms;
	}
	if (knock_seal(knock, h->server, &h->keys[i].who, &request, source) == -1)
		bail("knock_seal");
}

void harness_sight(struct harness *h, const uint8_t *knocks, size_t count,
		   const struct address *source)
{
	static struct sightings batch;

	for (size_t i = 0; i < count; i++) {
		struct sighting *sighting = &batch.list[batch.count++];
		*sighting = (struct sighting){
		    .source = *source, .port = 53, .proto = DOOR_UDP, .kind = SIGHTING_SPA};
		memcpy(sighting->knock, knocks + i * KNOCK_SIZE, KNOCK_SIZE);
		if (batch.count < SIGHTINGS_BATCH && i + 1 < count)
			continue;
		bool one = batch.count == 1;
		while (msg_send(h->capture, one ? MSG_SIGHTING : MSG_SIGHTINGS,
				one ? (const void *)batch.list : &batch) == -1) {
			struct pollfd room = {.fd = h->capture, .events = POLLOUT};
			if (errno != EAGAIN || poll(&room, 1, HARNESS_PATIENCE_MS) != 1)
				bail("sightings");
		}
		batch.count = 0;
	}
}

bool harness_order(struct harness *h, struct order *order, int timeout_ms)
{
	static struct msg msg;
	struct pollfd poll_it = {.fd = h->firewall, .events = POLLIN};

	for (;;) {
		if (poll(&poll_it, 1, timeout_ms) != 1 ||
		    msg_receive(h->firewall, &msg, ROLE_AUTH, ROLE_FIREWALL, MSG_RUNNING) != 1)
			return false;
		if (msg.type == MSG_ORDER)
			break;
		h->announced++;
	}
	*order = msg.body.ORDER;
	return true;
}

void harness_ack(struct harness *h, const struct order *order, uint32_t result)
{
	const struct ack ack = {.grant = order->grant, .verb = order->verb, .result = result};

	if (msg_send(h->firewall, MSG_ACK, &ack) == -1 && errno != EPIPE && errno != ECONNRESET)
		bail("ack"); /* where it has gone, who waits for something of it will see */
}

static bool read_line(struct harness *h, int timeout_ms)
{
	struct pollfd poll_it = {.fd = h->log, .events = POLLIN};

	if (poll(&poll_it, 1, timeout_ms) != 1)
		return false;
	ssize_t size = recv(h->log, harness_line, sizeof harness_line - 1, 0);
	if (size <= 0)
		return false;
	harness_line[size] = '\0';
	fprintf(stderr, "# %s\n", harness_line);
	return true;
}

static bool holds(const char *line, const char *words)
{
	char copy[512], *rest = copy, *word;

	snprintf(copy, sizeof copy, "%s", words);
	while ((word = strsep(&rest, " ")) != NULL)
		if (strstr(line, word) == NULL)
			return false;
	return true;
}

bool harness_logged(struct harness *h, const char *words)
{
	uint64_t end = harness_boot() + HARNESS_PATIENCE_MS;

	for (uint64_t at; (at = harness_boot()) < end;)
		if (read_line(h, (int)(end - at)) && holds(harness_line, words))
			return true;
	return false;
}

void harness_drain_log(struct harness *h)
{
	while (read_line(h, 0))
		continue;
}

int harness_question(const struct harness *h, const char *line)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", h->socket_path);
	if (fd != -1 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	    dprintf(fd, "%s\n", line) > 0)
		return fd;
	close(fd);
	return -1;
}

const char *harness_ask(struct harness *h, const char *line)
{
	int fd = harness_question(h, line);
	size_t size = 0;
	ssize_t got;

	harness_answer[0] = '\0';
	if (fd == -1)
		bail("control socket");
	while ((got = recv(fd, harness_answer + size, sizeof harness_answer - 1 - size, 0)) > 0)
		size += (size_t)got;
	harness_answer[size] = '\0';
	close(fd);
	return harness_answer;
}
