/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module in a program that goes on for long, and in one with threads: 100,000 calls leave no
 * memory behind, and no thread gets the answer that is another's. What answers is a child that says
 * yes to even addresses, and no to odd ones.
 */
#include <dirent.h>
#include <pthread.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>

#include "build.h"
#include "root.h"
#include "unit.h"

enum { THREADS = 8, CALLS = 100000, CALLS_A_HANDLE = 500, CALLS_A_THREAD = 500, MORE_KB = 256 };

static char folder[64] = "/tmp/test-pam-load.XXXXXX";
static char socket_path[100];
static pid_t daemon_pid;

#ifdef SANITIZE_THREAD
/* As root, Linux-PAM writes to the audit log, by a library that keeps the host's name in a buffer of all
 * threads. It is none of ours. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "called_from_lib:libaudit.so\n";
}
#endif

/* What Linux-PAM logs is not looked at here, and must not reach the host's log. */
void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void __syslog_chk(int priority, int flag, const char *format, ...)
{
	(void)priority, (void)flag, (void)format;
}

#undef syslog
void syslog(int priority, const char *format, ...)
{
	(void)priority, (void)format;
}

/* ---- the daemon's part ---- */

static _Noreturn void answer_all(int listener)
{
	for (;;) {
		static const char yes[] = "yes key=alice age=3 grant=17\n";
		static const char no[] = "no reason=no-knock\n";
		char question[1024];
		unsigned last;
		int peer = accept(listener, NULL, NULL);
		ssize_t size = read(peer, question, sizeof question - 1);
		question[size > 0 ? size : 0] = '\0';
		if (sscanf(question, "check 192.0.2.%u ", &last) == 1)
			size = last % 2 == 0 ? write(peer, yes, sizeof yes - 1)
					     : write(peer, no, sizeof no - 1);
		close(peer);
	}
}

static pid_t start_daemon(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(address.sun_path, socket_path);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(listener, 64) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		alarm(250);
		answer_all(listener);
	}
	close(listener);
	return pid;
}

/* ---- the logins ---- */

static const struct pam_conv conversation;

/* One that is to be let in exactly if last is even; null where PAM does not begin. */
static pam_handle_t *begin(unsigned last)
{
	pam_handle_t *pamh = NULL;
	char address[32];
	snprintf(address, sizeof address, "192.0.2.%u", last);
	if (pam_start_confdir("login", "alice", &conversation, folder, &pamh) != PAM_SUCCESS)
		return NULL;
	if (pam_set_item(pamh, PAM_RHOST, address) == PAM_SUCCESS)
		return pamh;
	pam_end(pamh, PAM_SUCCESS);
	return NULL;
}

/* How many of these calls went as they must not. */
static unsigned wrong_calls(unsigned last, unsigned calls)
{
	pam_handle_t *pamh = begin(last);
	unsigned wrong = 0;
	if (pamh == NULL)
		return calls;
	for (unsigned i = 0; i < calls; i++) {
		bool even = last % 2 == 0, factor = i % 2 == 0;
		int result = factor ? pam_authenticate(pamh, 0) : pam_acct_mgmt(pamh, 0);
		wrong += result != (even ? PAM_SUCCESS : factor ? PAM_AUTH_ERR : PAM_PERM_DENIED);
	}
	pam_end(pamh, PAM_SUCCESS);
	return wrong;
}

static long resident_kb(void)
{
	char line[128];
	long kb = -1;
	FILE *status = fopen("/proc/self/status", "r");
	assert_non_null(status);
	while (fgets(line, sizeof line, status) != NULL)
		if (sscanf(line, "VmRSS: %ld kB", &kb) == 1)
			break;
	fclose(status);
	assert_true(kb > 0);
	return kb;
}

static unsigned open_files(void)
{
	unsigned count = 0;
	DIR *fds = opendir("/proc/self/fd");
	assert_non_null(fds);
	while (readdir(fds) != NULL)
		count++;
	closedir(fds);
	return count;
}

static void many_calls_leave_nothing_behind(void **state)
{
	long before_kb = 0;
	unsigned files = 0;
	(void)state;
	for (unsigned done = 0; done < CALLS; done += CALLS_A_HANDLE) {
		if (done == CALLS / 10) {
			before_kb = resident_kb();
			files = open_files();
		}
		assert_int_equal(wrong_calls(done / CALLS_A_HANDLE % 256, CALLS_A_HANDLE), 0);
	}
	long more_kb = resident_kb() - before_kb;
	printf("# %d calls: %ld kB more than after a tenth of them\n", CALLS, more_kb);
	assert_int_equal(open_files(), files);
#ifndef SANITIZERS /* they keep what was freed; and look for leaks themselves, at the end */
	assert_in_range(more_kb + MORE_KB, 0, 2 * MORE_KB);
#endif
}

struct worker {
	pthread_t thread;
	unsigned last, wrong;
};

static void *work(void *context)
{
	struct worker *worker = context;
	worker->wrong = wrong_calls(worker->last, CALLS_A_THREAD);
	return NULL;
}

static void each_thread_gets_its_own_answer(void **state)
{
	struct worker workers[THREADS] = {0};
	(void)state;
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].last = i + 1;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(workers[i].wrong, 0);
}

static int write_services(void)
{
	static const char *const names[] = {"login", "other"};
	const char *builddir = getenv("builddir");
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		FILE *file = fopen(path, "w");
		if (file == NULL)
			return -1;
		for (unsigned type = 0; type < 2; type++)
			fprintf(file, "%s required %s/pam/.libs/pam_postern.so socket=%s consume\n",
				type == 0 ? "auth" : "account", builddir != NULL ? builddir : ".",
				socket_path);
		if (fclose(file) != 0)
			return -1;
	}
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(socket_path, sizeof socket_path, "%s/control.sock", folder);
	daemon_pid = start_daemon();
	return daemon_pid > 0 ? write_services() : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"login", "other", "control.sock"};
	(void)state;
	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, NULL, 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

/* With a pattern: these tests alone, as 060-pam-module does. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_thread_gets_its_own_answer),
	    cmocka_unit_test(many_calls_leave_nothing_behind),
	};
	if (!root_become()) {
		printf("1..0 # SKIP neither root nor allowed to make a user namespace\n");
		return 0;
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
