/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MADE = 'm', STAYS = 'y', KEPT = 0, UNDONE = 10, NOT_UNDONE = 11 };

static void stop_waiting(int signal)
{
	(void)signal;
}

/* What ends a terminal's programs does not end this; what asks it to end hurries it. */
static void set_signals(void)
{
	static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};
	struct sigaction hurry = {.sa_handler = stop_waiting};
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGTERM, &hurry, NULL);
}

static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	setsid();
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
}

/* False: the time is over (-1: there is no end to it), who would say it has gone, or we are to end. */
static bool hears(int line, char wanted, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = line, .events = POLLIN};
	char word = 0;
	return poll(&poll_fd, 1, timeout_ms) > 0 && read(line, &word, 1) == 1 && word == wanted;
}

/* What it hears at the end holds: the answer says so, or why not, or nobody is left to hear it. */
static bool keeps(int line, const struct guard_work *work)
{
	struct error error = {""};
	bool kept = work->keep(work->context, &error) == 0;
	if (kept)
		send(line, &(char){STAYS}, 1, MSG_NOSIGNAL);
	else
		send(line, error.text, strlen(error.text), MSG_NOSIGNAL);
	return kept;
}

static _Noreturn void keep_guard(int line, unsigned seconds, const struct guard_work *work)
{
	set_signals();
	leave_terminal();
	if (hears(line, MADE, -1) && hears(line, STAYS, (int)seconds * 1000) && keeps(line, work))
		_exit(KEPT);
	_exit(work->undo(work->context) == 0 ? UNDONE : NOT_UNDONE);
}

int guard_start(struct guard *guard, unsigned seconds, const struct guard_work *work,
		struct error *error)
{
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return error_set(error, "no socket: %s", strerror(errno));
	guard->pid = fork();
	if (guard->pid == 0) {
		close(ends[0]);
		keep_guard(ends[1], seconds, work);
	}
	close(ends[1]);
	guard->line = ends[0];
	if (guard->pid > 0)
		return 0;
	close(ends[0]);
	return error_set(error, "no process: %s", strerror(errno));
}

static int ended(struct guard *guard)
{
	int status = 0;
	if (guard->line < 0)
		return guard->status;
	close(guard->line);
	guard->line = guard->status = -1;
	while (waitpid(guard->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (WIFEXITED(status))
		guard->status = WEXITSTATUS(status);
	return guard->status;
}

static bool tell(const struct guard *guard, char word)
{
	return send(guard->line, &word, 1, MSG_NOSIGNAL) == 1;
}

int guard_made(struct guard *guard)
{
	if (tell(guard, MADE))
		return 0;
	ended(guard);
	return -1;
}

int guard_confirm(struct guard *guard, struct error *error)
{
	char answer[sizeof error->text] = "";
	ssize_t got = tell(guard, STAYS) ? recv(guard->line, answer, sizeof answer - 1, 0) : 0;
	bool kept = ended(guard) == KEPT && got == 1 && answer[0] == STAYS;
	if (kept)
		return 0;
	return error_set(error, "%s", got > 1 ? answer : "not confirmed");
}

int guard_refuse(struct guard *guard)
{
	return ended(guard) == UNDONE ? 0 : -1;
}
