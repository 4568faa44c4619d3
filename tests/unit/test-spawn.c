/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process is started, locked down, and looked at from outside. This program plays both parts: as
 * "postern-ROLE" it is the child. Root really changes the user; without root a user namespace with
 * one user serves.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build.h"
#include "process.h"
#include "root.h"
#include "spawn.h"
#include "unit.h"

static struct start start;
static struct process process;
static int devnull, peer[2];
static char root[] = "/tmp/postern-test-XXXXXX";

/* The child. */

static int play(enum role role)
{
	struct pollfd end = {.fd = PROCESS_PARENT, .events = POLLIN};

	process_begin(role, &start);
	process_lockdown(role, &start);
	process_ready();
	while (poll(&end, 1, -1) == 1)
		if (process_orphaned(role, NULL, NULL))
			return 0;
	return 1;
}

/* The test. */

static int prepare(void **state)
{
	(void)state;
	memset(&start, 0, sizeof(start));
	start.uid = start.gid = root_is_real ? 54321 : 0;
	strcpy(root + sizeof(root) - sizeof("XXXXXX"), "XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(chmod(root, 0755), 0);
	snprintf(start.root, sizeof(start.root), "%s", root);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, peer), 0);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	close(peer[0]);
	close(peer[1]);
	return rmdir(root);
}

static int own_of(enum role role, int own[4])
{
	for (int i = 0; i < 4; i++)
		own[i] = devnull;
	own[0] = peer[0];
	if (role == ROLE_AUTH) {
		assert_int_equal(chown(root, start.uid, start.gid), 0);
		assert_int_equal(chmod(root, 0700), 0);
		return 4;
	}
	if (role == ROLE_CAPTURE)
		start.n_sources = 2;
	return role == ROLE_CAPTURE ? 3 : 2;
}

static void start_it(enum role role)
{
	int own[4], n = own_of(role, own);

	assert_int_equal(
	    spawn_process(&process, role, "/proc/self/exe", &start, devnull, own, (size_t)n), 0);
	assert_true(process.pid > 0);
}

static void wait_until_ready(void)
{
	struct pollfd ready = {.fd = process.ready, .events = POLLIN};
	char byte;

	assert_int_equal(poll(&ready, 1, 10000), 1);
	assert_int_equal(read(process.ready, &byte, 1), 1);
	assert_int_equal(read(process.ready, &byte, 1), 0); /* and then it is closed */
}

static int fate(void)
{
	int status;

	assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
	spawn_forget(&process);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static const char *proc(const char *name)
{
	static char text[8192];
	char path[64];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", process.pid, name);
	fd = open(path, O_RDONLY);
	assert_int_not_equal(fd, -1);
	size = read(fd, text, sizeof(text) - 1);
	assert_true(size >= 0);
	text[size] = '\0';
	close(fd);
	return text;
}

static void assert_line(const char *text, const char *name, const char *value)
{
	char line[128], *end;
	const char *at = strstr(text, name);

	assert_non_null(at);
	snprintf(line, sizeof(line), "%.100s", at + strlen(name));
	end = strchr(line, '\n');
	if (end != NULL)
		*end = '\0';
	at = line + strspn(line, " \t");
	if (strcmp(at, value) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", name, at, value);
}

static void assert_limit(const char *text, const char *name, unsigned most)
{
	const char *at = strstr(text, name);
	unsigned soft, hard;

	assert_non_null(at);
	assert_int_equal(sscanf(at + strlen(name), "%u %u", &soft, &hard), 2);
	assert_int_equal(soft, most);
	assert_int_equal(hard, most);
}

/* Exactly 0 to count - 1, but for PROCESS_READY, which was closed. */
static void assert_descriptors(int count)
{
	char path[64];
	const struct dirent *entry;
	int seen = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", process.pid);
	folder = opendir(path);
	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		assert_true(atoi(entry->d_name) < count);
		assert_int_not_equal(atoi(entry->d_name), PROCESS_READY);
		seen++;
	}
	closedir(folder);
	assert_int_equal(seen, count - 1);
}

static void assert_ignored(const char *status, const int *signals, size_t n)
{
	static const char name[] = "\nSigIgn:";
	const char *at = strstr(status, name);
	unsigned long long ignored;

	assert_non_null(at);
	ignored = strtoull(at + strlen(name), NULL, 16);
	for (size_t i = 0; i < n; i++)
		assert_true(ignored >> (signals[i] - 1) & 1);
}

static void assert_locked_down(const char *capabilities)
{
	const char *status = proc("status"),
		   *ids = root_is_real ? "54321\t54321\t54321\t54321" : "0\t0\t0\t0";

	assert_line(status, "\nUid:", ids);
	assert_line(status, "\nGid:", ids);
	if (root_is_real)
		assert_line(status, "\nGroups:", "");
	assert_line(status, "\nSigBlk:", "0000000000000000");
	assert_ignored(status, (const int[]){SIGHUP, SIGINT, SIGQUIT, SIGTERM}, 4);
	assert_line(status, "\nCapInh:", "0000000000000000");
	assert_line(status, "\nCapPrm:", capabilities);
	assert_line(status, "\nCapEff:", capabilities);
	assert_line(status, "\nCapBnd:", "0000000000000000");
	assert_line(status, "\nCapAmb:", "0000000000000000");
	assert_line(status, "\nNoNewPrivs:", "1");
#ifndef SANITIZERS
	assert_line(status, "\nSeccomp:", "2");
#endif
	status = proc("limits");
	assert_limit(status, "Max processes", 0);
	assert_limit(status, "Max core file size", 0);
}

static void assert_root_is(const char *folder)
{
	char path[64], target[256] = "";

	snprintf(path, sizeof(path), "/proc/%d/root", process.pid);
	assert_true(readlink(path, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, folder);
}

static void capture_keeps_nothing(void **state)
{
	(void)state;
	start_it(ROLE_CAPTURE);
	wait_until_ready();
	assert_locked_down("0000000000000000");
	assert_descriptors(PROCESS_CAPTURE_SOURCES + 2);
	assert_limit(proc("limits"), "Max open files", PROCESS_CAPTURE_SOURCES + 2);
	assert_limit(proc("limits"), "Max file size", 0);
	assert_root_is(root);
	assert_string_equal(proc("cmdline"), "postern-capture");
	assert_string_equal(proc("environ"), "");
	kill(process.pid, SIGKILL);
	assert_int_equal(fate(), -SIGKILL);
}

static void firewall_keeps(uint32_t backend, const char *capabilities)
{
	start.config.firewall = backend;
	start_it(ROLE_FIREWALL);
	wait_until_ready();
	assert_locked_down(capabilities);
	assert_descriptors(PROCESS_FIREWALL_END);
	assert_limit(proc("limits"), "Max file size", 0);
	assert_root_is(root);
	kill(process.pid, SIGKILL);
	assert_int_equal(fate(), -SIGKILL);
}

static void firewall_keeps_what_its_backend_needs(void **state)
{
	(void)state;
	firewall_keeps(CONFIG_IPTC, "0000000000003000");
	firewall_keeps(CONFIG_IPSET, "0000000000001000");
	firewall_keeps(CONFIG_NFT, "0000000000001000");
	firewall_keeps(CONFIG_NONE, "0000000000000000");
}

static void auth_keeps_its_folder(void **state)
{
	(void)state;
	start_it(ROLE_AUTH);
	wait_until_ready();
	assert_locked_down("0000000000000000");
	assert_descriptors(PROCESS_AUTH_END);
	assert_non_null(strstr(proc("limits"), "Max file size             unlimited"));
	assert_root_is(root);
	kill(process.pid, SIGKILL);
	assert_int_equal(fate(), -SIGKILL);
}

static void ends_with_its_parent(void **state)
{
	static const enum role roles[] = {ROLE_CAPTURE, ROLE_FIREWALL, ROLE_AUTH};

	(void)state;
	for (size_t i = 0; i < COUNT(roles); i++) {
		pid_t pid;
		start_it(roles[i]);
		wait_until_ready();
		pid = process.pid;
		spawn_forget(&process);
		process.pid = pid;
		assert_int_equal(fate(), 0);
	}
}

static void not_ready_before_it_is_locked_down(void **state)
{
	char file[64], byte;

	(void)state;
	snprintf(file, sizeof(file), "%s/file", root);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	start_it(ROLE_CAPTURE);
	assert_int_equal(read(process.ready, &byte, 1), 0);
	assert_int_equal(fate(), 3); /* its root is not empty */
	unlink(file);
}

static void refuses_a_root_for_others(void **state)
{
	(void)state;
	assert_int_equal(chmod(root, 0775), 0);
	start_it(ROLE_CAPTURE);
	assert_int_equal(fate(), 3);
	start_it(ROLE_FIREWALL);
	assert_int_equal(fate(), 3);
}

static void refuses_a_state_folder_for_others(void **state)
{
	int own[4], n = own_of(ROLE_AUTH, own);

	(void)state;
	assert_int_equal(chmod(root, 0750), 0);
	assert_int_equal(
	    spawn_process(&process, ROLE_AUTH, "/proc/self/exe", &start, devnull, own, (size_t)n),
	    0);
	assert_int_equal(fate(), 3);
}

static void refuses_a_link_as_root(void **state)
{
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "%s-link", root);
	assert_int_equal(symlink(root, name), 0);
	snprintf(start.root, sizeof(start.root), "%s", name);
	start_it(ROLE_FIREWALL);
	assert_int_equal(fate(), 3);
	unlink(name);
}

static int lowest_free(void)
{
	int fd = dup(devnull);

	close(fd);
	return fd;
}

static void leaves_nothing_when_there_is_no_program(void **state)
{
	int before = lowest_free(), own[] = {peer[0], devnull};

	(void)state;
	assert_int_equal(
	    spawn_process(&process, ROLE_FIREWALL, "/nowhere/postern", &start, devnull, own, 2),
	    -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(process.pid, 0);
	assert_int_equal(process.channel, -1);
	assert_int_equal(process.ready, -1);
	assert_int_equal(lowest_free(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void needs_its_descriptors(void **state)
{
	int own[] = {peer[0]};

	(void)state;
	assert_int_equal(
	    spawn_process(&process, ROLE_AUTH, "/proc/self/exe", &start, devnull, own, 1), 0);
	assert_int_equal(fate(), 3);
}

static void is_not_started_by_hand(void **state)
{
	const char *argv[] = {"postern-auth", NULL};
	const int own[] = {-1, -1, -1, -1};
	struct error said;

	(void)state;
	/* /dev/null as PROCESS_PARENT brings no START. */
	assert_int_equal(spawn_check("/proc/self/exe", argv, NULL, NULL, own, 4, &said), 3);
	assert_non_null(strstr(said.text, "cannot receive from posternd"));
}

/* It is ended: posternd hears nobody meanwhile. */
static void waits_for_no_check_that_hangs(void **state)
{
	const char *hangs[] = {"sh", "-c", "echo before >&2; exec sleep 600", NULL};
	struct error said;

	(void)state;
	assert_int_equal(spawn_check("/bin/sh", hangs, NULL, NULL, NULL, 0, &said), 128 + SIGKILL);
	assert_non_null(strstr(said.text, "did not end within"));
}

static void tells_how_a_check_ended(void **state)
{
	const char *yes[] = {"sh", "-c", "exit 0", NULL}, *no[] = {"sh", "-c", "exit 1", NULL};
	const char *dies[] = {"sh", "-c", "kill -9 $$", NULL};
	/* Its keys, where it has them; nothing of the environment. */
	const char *reads[] = {"sh", "-c",
			       "read line <&8 && [ \"$line\" = key ] && [ -z \"$HOME\" ]", NULL};
	const char *says[] = {"sh", "-c", "echo first >&2; echo and \033 last >&2; exit 3", NULL};
	const char *much[] = {"sh", "-c", "yes | head -c 50000 >&2; echo last >&2; exit 3", NULL};
	struct spawn_user user = {start.uid, start.gid};
	struct error said;
	int keys[2], own[] = {-1, -1, -1};

	(void)state;
	assert_int_equal(spawn_check("/bin/sh", yes, &user, NULL, NULL, 0, &said), 0);
	assert_int_equal(spawn_check("/bin/sh", no, &user, NULL, NULL, 0, &said), 1);
	assert_int_equal(spawn_check("/bin/sh", dies, NULL, NULL, NULL, 0, &said), 128 + SIGKILL);
	assert_string_equal(said.text, "");
	assert_int_equal(spawn_check("/bin/sh", says, NULL, NULL, NULL, 0, &said), 3);
	assert_string_equal(said.text, "and ? last");
	assert_int_equal(spawn_check("/bin/sh", much, NULL, NULL, NULL, 0, &said), 3);
	assert_string_equal(said.text, "last");
	assert_int_equal(spawn_check("/nowhere", no, NULL, NULL, NULL, 0, &said), -1);
	assert_int_equal(pipe(keys), 0);
	assert_int_equal(write(keys[1], "key\n", 4), 4);
	own[PROCESS_AUTH_KEYS - PROCESS_FIRST] = keys[0];
	assert_int_equal(spawn_check("/bin/sh", reads, NULL, NULL, own, 3, &said), 0);
	close(keys[0]);
	close(keys[1]);
}

int main(int argc, char **argv)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, prepare, clean)
	const struct CMUnitTest tests[] = {
	    TEST(capture_keeps_nothing),
	    TEST(firewall_keeps_what_its_backend_needs),
	    TEST(auth_keeps_its_folder),
	    TEST(ends_with_its_parent),
	    TEST(not_ready_before_it_is_locked_down),
	    TEST(refuses_a_root_for_others),
	    TEST(refuses_a_state_folder_for_others),
	    TEST(refuses_a_link_as_root),
	    TEST(leaves_nothing_when_there_is_no_program),
	    TEST(needs_its_descriptors),
	    TEST(is_not_started_by_hand),
	    TEST(tells_how_a_check_ended),
	    TEST(waits_for_no_check_that_hangs),
	};

	(void)argc;
	if (strcmp(argv[0], "postern-capture") == 0)
		return play(ROLE_CAPTURE);
	if (strcmp(argv[0], "postern-auth") == 0)
		return play(ROLE_AUTH);
	if (strcmp(argv[0], "postern-firewall") == 0)
		return play(ROLE_FIREWALL);
	if (!root_become()) {
		puts("1..0 # SKIP neither root nor a user namespace");
		return 0;
	}
	devnull = open("/dev/null", O_RDWR | O_CLOEXEC);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
