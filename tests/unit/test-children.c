/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three processes, one of which hangs while it starts. This program plays them, too: as
 * "postern-ROLE". The clock is the test's.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "children.h"
#include "clocks.h"
#include "log.h"
#include "process.h"
#include "unit.h"

static struct supply supply = SUPPLY_NOTHING;
static struct children children;
static char programs[] = "/tmp/postern-test-XXXXXX";
static int said[2];
static uint64_t now_ms;

uint64_t __wrap_clocks_boot_ms(void);

uint64_t __wrap_clocks_boot_ms(void)
{
	return now_ms;
}

/* The children: capture neither says that it works nor ends. */

static int play(const char *name)
{
	struct pollfd end = {.fd = PROCESS_PARENT, .events = 0};

	if (strcmp(name, "postern-capture") == 0)
		for (;;)
			pause();
	if (write(PROCESS_READY, "", 1) != 1)
		return 1;
	poll(&end, 1, -1);
	return PROCESS_DONE;
}

/* The test. */

static const char *const names[] = {"postern-firewall", "postern-auth", "postern-capture"};

static int prepare(void **state)
{
	char self[4096], path[100];
	ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);

	(void)state;
	assert_true(size > 0);
	self[size] = '\0';
	assert_non_null(mkdtemp(programs));
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof path, "%s/%s", programs, names[i]);
		assert_int_equal(symlink(self, path), 0);
	}
	supply.programs = programs;
	supply.config.firewall = CONFIG_NONE;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, said),
			 0);
	log_start("postern-test", said[1]);
	return 0;
}

static int clean(void **state)
{
	char path[100];

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof path, "%s/%s", programs, names[i]);
		unlink(path);
	}
	rmdir(programs);
	return 0;
}

/* Until so many have said that they work. */
static void wait_for_work(size_t wanted)
{
	struct pollfd polls[CHILDREN];
	size_t n = 0;

	while (n < wanted) {
		children_poll(&children, polls);
		poll(polls, CHILDREN, -1);
		assert_false(children_polled(&children, polls));
		n = 0;
		for (size_t i = 0; i < CHILDREN; i++)
			n += children.works[i];
	}
}

static void one_that_hangs(void **state)
{
	struct error error;
	char line[500] = "";

	(void)state;
	now_ms = 5000;
	children_clear(&children);
	if (children_start(&children, &supply, &error) == -1)
		fail_msg("%s", error.text);
	wait_for_work(CHILDREN - 1);
	assert_int_equal(children_timeout_ms(&children), 60000);
	now_ms += 59999;
	children_tick(&children);
	assert_int_equal(children.state, CHILDREN_STARTING);
	assert_int_equal(children_timeout_ms(&children), 1);
	assert_int_equal(recv(said[0], line, sizeof line - 1, 0), -1);
	now_ms += 1;
	children_tick(&children);
	assert_int_equal(children.state, CHILDREN_ENDING);
	assert_true(recv(said[0], line, sizeof line - 1, 0) > 0);
	assert_non_null(strstr(line, "postern-capture has not begun to work for 60 s"));
	/* Nor does it end. */
	assert_int_equal(children_timeout_ms(&children), 1000);
	now_ms += 1000;
	children_tick(&children);
	while (children.state != CHILDREN_NONE) {
		usleep(1000);
		children_reap(&children);
	}
	/* All are to be started again; and it was no attack. */
	assert_int_equal(children_timeout_ms(&children), 0);
	assert_int_equal(recv(said[0], line, sizeof line - 1, 0), -1);
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const struct CMUnitTest tests[] = {cmocka_unit_test(one_that_hangs)};

	name = name == NULL ? argv[0] : name + 1;
	if (name != NULL && strncmp(name, "postern-", 8) == 0)
		return play(name);
	return cmocka_run_group_tests(tests, prepare, clean);
}
