/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clocks.h"

enum { CHECK_MS = 20000 }; /* no check may keep posternd for longer */
enum { MOST = PROCESS_FIRST + 1 + SOURCE_DESCRIPTORS, HIGH = 100 };

/* What a child is to have, by number; all that is not named is closed. */
struct places {
	int from[MOST];
	size_t n;
};

static void close_from(int first)
{
	struct dirent *entry;
	DIR *folder;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0) == 0)
		return;
#endif
	/* An older kernel. What we opened ourselves is close-on-exec; the rest stands here. */
	folder = opendir("/proc/self/fd");
	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		int fd = atoi(entry->d_name);
		if (fd >= first && fd != dirfd(folder))
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	closedir(folder);
}

/* All out of the way first, so that none is overwritten before it is in its place. Reports on the
 * descriptor just above them, which ends with exec. 0 or -1. */
static int take_places(struct places *places, int *report)
{
	int high = fcntl(*report, F_DUPFD_CLOEXEC, HIGH);

	if (high == -1)
		return -1;
	*report = high;
	for (size_t i = 0; i < places->n; i++) {
		places->from[i] = fcntl(places->from[i], F_DUPFD_CLOEXEC, HIGH);
		if (places->from[i] == -1)
			return -1;
	}
	for (size_t i = 0; i < places->n; i++)
		if (dup2(places->from[i], (int)i) == -1)
			return -1;
	*report = (int)places->n;
	if (dup3(high, *report, O_CLOEXEC) == -1)
		return -1;
	close_from(*report + 1);
	return 0;
}

/* Those that a terminal or a service manager sends to all at once are posternd's: it has the others end in
 * their order, and whoever ended before would look like a victim. */
static void set_signals(void)
{
	static const int not_its_own[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL); /* what cannot be set was not set */
	for (size_t i = 0; i < sizeof(not_its_own) / sizeof(*not_its_own); i++)
		signal(not_its_own[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int become(const struct spawn_user *user)
{
	if (user == NULL || (user->uid == geteuid() && user->gid == getegid()))
		return 0;
	if (setgroups(0, NULL) == -1 || setresgid(user->gid, user->gid, user->gid) == -1 ||
	    setresuid(user->uid, user->uid, user->uid) == -1)
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static _Noreturn void turn_into(const char *program, const char *const *argv, struct places *places,
				const struct spawn_user *user, int report, pid_t parent)
{
	static char *const no_environment[] = {NULL};
	int failure;

	/* Until it has a user of its own, which is to ask for it again. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() != parent)
		_exit(127);
	set_signals();
	if (take_places(places, &report) == 0 && become(user) == 0)
		execve(program, (char *const *)(uintptr_t)argv, no_environment);
	failure = errno;
	_exit(write(report, &failure, sizeof(failure)) == sizeof(failure) ? 126 : 127);
}

/* The new process; or -1 with its errno when it did not get as far as its program. */
static pid_t launch(const char *program, const char *const *argv, struct places *places,
		    const struct spawn_user *user)
{
	int report[2], failure = 0;
	ssize_t size;
	pid_t pid, ours = getpid();

	if (pipe2(report, O_CLOEXEC) == -1)
		return -1;
	pid = fork();
	if (pid == 0)
		turn_into(program, argv, places, user, report[1], ours);
	if (pid == -1)
		failure = errno;
	close(report[1]);
	do /* ends with nothing when exec closes it */
		size = pid == -1 ? 0 : read(report[0], &failure, sizeof(failure));
	while (size == -1 && errno == EINTR);
	close(report[0]);
	if (failure == 0)
		return pid;
	if (pid != -1)
		waitpid(pid, NULL, 0);
	errno = failure;
	return -1;
}

/* The descriptors that every child has, and its own after them; -1 is /dev/null. */
static int arrange(struct places *places, int null, const int common[static PROCESS_FIRST],
		   const int *own, size_t n_own)
{
	if (n_own > MOST - PROCESS_FIRST) {
		errno = E2BIG;
		return -1;
	}
	for (size_t i = 0; i < PROCESS_FIRST; i++)
		places->from[i] = common[i] == -1 ? null : common[i];
	for (size_t i = 0; i < n_own; i++)
		places->from[PROCESS_FIRST + i] = own[i] == -1 ? null : own[i];
	places->n = PROCESS_FIRST + n_own;
	return 0;
}

static void close_all(int *fds, size_t n)
{
	int kept = errno;

	for (size_t i = 0; i < n; i++)
		if (fds[i] != -1)
			close(fds[i]);
	errno = kept;
}

/* START waits in the channel before the child is there; back from it comes nothing. */
static int open_channel(int channel[2], const struct start *start)
{
	int room = 64 * 1024;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) == -1)
		return -1;
	setsockopt(channel[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (msg_send(channel[0], MSG_START, start) == -1)
		return -1;
	return shutdown(channel[0], SHUT_RD);
}

int spawn_process(struct process *process, enum role role, const char *program,
		  const struct start *start, int log, const int *own, size_t n_own)
{
	enum { OUR_CHANNEL, ITS_CHANNEL, OUR_READY, ITS_READY, NULL_FILE, ALL };
	int fds[ALL] = {-1, -1, -1, -1, -1};
	char name[32];
	const char *const argv[] = {name, NULL};
	int common[PROCESS_FIRST] = {-1, -1, -1, -1, log, -1};
	struct places places;

	*process = (struct process){.role = role, .channel = -1, .ready = -1};
	snprintf(name, sizeof(name), "postern-%s", msg_role(role));
	fds[NULL_FILE] = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fds[NULL_FILE] == -1 || open_channel(fds + OUR_CHANNEL, start) == -1 ||
	    pipe2(fds + OUR_READY, O_CLOEXEC) == -1)
		goto out;
	common[STDERR_FILENO] = log == -1 ? STDERR_FILENO : -1;
	common[PROCESS_PARENT] = fds[ITS_CHANNEL];
	common[PROCESS_READY] = fds[ITS_READY];
	if (arrange(&places, fds[NULL_FILE], common, own, n_own) == -1)
		goto out;
	process->pid = launch(program, argv, &places, NULL);
	if (process->pid == -1)
		goto out;
	process->channel = fds[OUR_CHANNEL];
	process->ready = fds[OUR_READY];
	fds[OUR_CHANNEL] = fds[OUR_READY] = -1;
out:
	close_all(fds, ALL);
	if (process->channel != -1)
		return 0;
	process->pid = 0;
	return -1;
}

/* To the end of it; of very much, what came last. False: it did not end in time. */
static bool read_last_line(int fd, struct error *said)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	uint64_t until_ms = clocks_boot_ms() + CHECK_MS, now_ms;
	char text[4096];
	size_t used = 0, begin;
	ssize_t got = 1;

	while (got != 0 && (now_ms = clocks_boot_ms()) < until_ms) {
		if (poll(&wait, 1, (int)(until_ms - now_ms)) <= 0)
			continue;
		got = read(fd, text + used, sizeof(text) - used);
		if (got == -1 && errno != EINTR)
			break;
		used += got == -1 ? 0 : (size_t)got;
		if (used == sizeof(text)) {
			used /= 2;
			memcpy(text, text + used, used);
		}
	}
	while (used > 0 && text[used - 1] == '\n')
		used--;
	for (begin = used; begin > 0 && text[begin - 1] != '\n';)
		begin--;
	error_set(said, "%.*s", (int)(used - begin), text + begin);
	return got == 0;
}

static int wait_for(pid_t pid)
{
	int status = 0;
	pid_t ended;

	do
		ended = waitpid(pid, &status, 0);
	while (ended == -1 && errno == EINTR);
	if (ended == -1)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int spawn_check(const char *program, const char *const *argv, const struct spawn_user *user,
		const struct start *start, const int *own, size_t n_own, struct error *said)
{
	enum { OUR_CHANNEL, ITS_CHANNEL, OUR_ERRORS, ITS_ERRORS, NULL_FILE, ALL };
	int fds[ALL] = {-1, -1, -1, -1, -1}, common[PROCESS_FIRST] = {-1, -1, -1, -1, -1, -1};
	struct places places;
	pid_t pid = -1;
	int result = -1;

	fds[NULL_FILE] = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fds[NULL_FILE] == -1 || pipe2(fds + OUR_ERRORS, O_CLOEXEC) == -1 ||
	    (start != NULL && open_channel(fds + OUR_CHANNEL, start) == -1))
		goto out;
	common[STDERR_FILENO] = fds[ITS_ERRORS];
	common[PROCESS_PARENT] = fds[ITS_CHANNEL];
	if (arrange(&places, fds[NULL_FILE], common, own, n_own) == 0)
		pid = launch(program, argv, &places, user);
	if (pid == -1)
		goto out;
	close(fds[ITS_ERRORS]);
	fds[ITS_ERRORS] = -1;
	if (!read_last_line(fds[OUR_ERRORS], said)) {
		kill(pid, SIGKILL);
		error_set(said, "%s did not end within %d seconds", program, CHECK_MS / 1000);
	}
	result = wait_for(pid);
out:
	close_all(fds, ALL);
	return result;
}

void spawn_forget(struct process *process)
{
	int fds[] = {process->channel, process->ready};

	close_all(fds, 2);
	*process = (struct process){.role = process->role, .channel = -1, .ready = -1};
}
