/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the control socket share: keys, a record, a firewall that is the test, and askers,
 * whose uid is the test's choice (link with -Wl,--wrap=getsockopt). Time is the test's own.
 */
#ifndef ASKING_H
#define ASKING_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "auth/answers.h"
#include "auth/block.h"
#include "auth/carrier.h"
#include "auth/control.h"
#include "auth/gate.h"
#include "auth/history.h"
#include "auth/holder.h"
#include "auth/judge.h"
#include "auth/login.h"
#include "auth/noise.h"
#include "auth/orders.h"
#include "auth/policy.h"
#include "auth/question.h"
#include "auth/report.h"
#include "auth/store.h"
#include "auth/watch.h"
#include "log.h"
#include "unit.h"

static char folder[64], socket_path[80], db[80];
static struct sockaddr_un socket_address = {.sun_family = AF_UNIX};
static int listener, firewall[2], event;
static struct keys keys;
static struct claims claims[2];
static struct start start = {.config = {.doors = {{22, DOOR_TCP, 0}, {53, DOOR_UDP, 0}},
					.n_doors = 2,
					.grant_default_s = 30,
					.grant_max_s = 3600}};
static uid_t asker; /* whoever connects from now on */
static struct now now;
static struct address from;

__attribute__((unused)) static void make_keys(void)
{
	uint8_t secret[CRYPTO_KEY] = {1};
	struct key key = {.since_ms = 1000};
	char text[2000];

	keys_print_server(text, sizeof text, secret, 1000);
	for (uint32_t i = 0; i < 2; i++) {
		snprintf(key.name, sizeof key.name, i == 0 ? "alice" : "bob");
		key.who.id = 1 + i;
		strcat(text, "\n");
		size_t used = strlen(text);
		assert_int_equal(keys_print_line(text + used, sizeof text - used, &key, NULL), 0);
	}
	assert_int_equal(keys_parse(&keys, text, strlen(text), NULL), 0);
}

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	(void)fd, (void)level;
	assert_int_equal(option, SO_PEERCRED);
	assert_int_equal(*size, sizeof(struct ucred));
	((struct ucred *)value)->uid = asker;
	return 0;
}

/* As an earlier life has left it; what it had is told to all that ask for it. */
__attribute__((unused)) static void start_record(void)
{
	const struct rows_claims into = {&keys, claims};
	struct rows_loaded loaded;
	struct error error;

	event = store_start();
	assert_int_equal(store_load(db, "boot", now.wall_ms, &into, &loaded, &error), 0);
	assert_int_equal(grant_start(holder_count(), loaded.about.last_grant), 0);
	assert_int_equal(judge_start(&keys, claims, 120), 0);
	assert_int_equal(login_start(), 0);
	history_start(&loaded);
	block_start(&loaded);
	gate_start();
	judge_load(&loaded, &now);
	gate_restore(&loaded, &now);
	rows_forget(&loaded);
}

__attribute__((unused)) static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/asking.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(socket_path, sizeof socket_path, "%s/control.sock", folder);
	snprintf(db, sizeof db, "%s/state.db", folder);
	strcpy(socket_address.sun_path, socket_path);
	now = (struct now){.wall_ms = 1795460400000, .boot_ms = 1000000};
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&socket_address, sizeof socket_address),
			 0);
	assert_int_equal(listen(listener, 200), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, firewall), 0);
	asker = 0;
	holder_start(&keys);
	assert_int_equal(policy_start(&start.config, 2), 0);
	assert_int_equal(carrier_start(&start), 0);
	noise_start();
	watch_start();
	tell_start();
	orders_start(firewall[0]);
	start_record();
	report_start(&keys, &start, &now);
	control_start(listener);
	return 0;
}

__attribute__((unused)) static int tear_down(void **state)
{
	char command[128];

	(void)state;
	control_end();
	store_end();
	close(listener);
	close(firewall[0]);
	close(firewall[1]);
	grant_end();
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

__attribute__((unused)) static void pump(int turns)
{
	struct pollfd polls[CONTROL_SLOTS + 1];
	struct error error;
	uint64_t done;

	while (turns-- > 0) {
		size_t count = control_poll(polls);
		assert_true(count <= CONTROL_SLOTS + 1);
		assert_true(poll(polls, count, 0) >= 0);
		assert_int_equal(store_done(&done, &error), 0);
		control_serve(polls, count, done, &now);
	}
}

__attribute__((unused)) static int connect_one(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&socket_address, sizeof socket_address), 0);
	return fd;
}

__attribute__((unused)) static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	pump(2);
}

/* All that comes until the other side closes. */
__attribute__((unused)) static const char *hear(int fd)
{
	static char text[1 << 20];
	size_t size = 0;
	ssize_t got;

	for (int i = 0; i < 10000; i++) {
		got = recv(fd, text + size, sizeof text - 1 - size, 0);
		if (got == 0)
			break;
		if (got > 0)
			size += (size_t)got;
		else
			assert_int_equal(errno, EAGAIN);
		pump(1);
	}
	assert_true(got == 0);
	close(fd);
	text[size] = '\0';
	return text;
}

__attribute__((unused)) static const char *ask_line(const char *line)
{
	int fd = connect_one();

	say(fd, line);
	return hear(fd);
}

/* The store's thread has its time, and what is durable then goes on. */
__attribute__((unused)) static uint64_t settle(void)
{
	uint64_t done = 0, wanted = store_hurry();
	struct error error;

	while (done < wanted) {
		struct pollfd ready = {.fd = event, .events = POLLIN};
		store_flush(now.boot_ms);
		assert_int_equal(poll(&ready, 1, 10000), 1);
		assert_int_equal(store_done(&done, &error), 0);
	}
	gate_durable(done);
	return done;
}

/* The orders that the firewall gets. */
__attribute__((unused)) static size_t take_orders(enum order_verb verb, struct order *last)
{
	static struct msg msg;
	size_t count = 0;

	do {
		assert_int_equal(orders_send(), 0);
		while (recv(firewall[1], &msg, sizeof msg, MSG_DONTWAIT) > 0)
			if (msg.type == MSG_ORDER && msg.body.ORDER.verb == verb) {
				*last = msg.body.ORDER;
				count++;
			}
	} while (orders_waiting());
	return count;
}

/* Before the first test. What is told goes nowhere. */
__attribute__((unused)) static bool start_asking(void)
{
	int log[2];

	if (crypto_start() == -1 || socketpair(AF_UNIX, SOCK_DGRAM, 0, log) == -1)
		return false;
	log_start("test", log[0]);
	address_parse(&from, "192.0.2.0");
	make_keys();
	return true;
}

/* Grants 1 to n, of alice and bob in turns, all open. */
__attribute__((unused)) static void make_grants(int n)
{
	for (int i = 0; i < n; i++) {
		struct grant model = {.since_boot_ms = now.boot_ms,
				      .until_boot_ms = now.boot_ms + 30000,
				      .since_ms = now.wall_ms,
				      .until_ms = now.wall_ms + 30000,
				      .address = from,
				      .door = {22, DOOR_TCP, 0},
				      .id = 1 + (uint32_t)i % 2,
				      .holder = (uint32_t)i % 2,
				      .logins = 1,
				      .via = "spa",
				      .state = GRANT_OPEN};
		strcpy(model.key, i % 2 == 0 ? "alice" : "bob");
		model.address.bytes[15] = (uint8_t)i;
		assert_non_null(grant_add(&model));
	}
}

#endif
