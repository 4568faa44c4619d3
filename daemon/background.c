/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* To the process that waits; -1: nobody does. A byte says that we work. */
static int report = -1;

static _Noreturn void end_as(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
}

/* Only it can see how its child ends; until there is news. */
static void be_the_middle(int news)
{
	char byte;
	pid_t child;

	setsid();
	child = fork();
	if (child == -1)
		_exit(3);
	if (child == 0)
		return; /* no leader of its session: no terminal can become its own */
	close(report);
	if (read(news, &byte, 1) == 1)
		_exit(0);
	end_as(child);
}

int background_enter(struct error *error)
{
	int news[2];
	pid_t child;

	if (pipe2(news, O_CLOEXEC) == -1)
		return error_set(error, "cannot go to the background: %s", strerror(errno));
	report = news[1];
	child = fork();
	if (child == -1)
		return error_set(error, "cannot go to the background: %s", strerror(errno));
	if (child != 0) {
		close(report);
		end_as(child);
	}
	be_the_middle(news[0]);
	close(news[0]);
	return 0;
}

void background_done(void)
{
	int null;

	if (report == -1)
		return;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3 && null != -1; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (write(report, "", 1) != 1)
		_exit(3); /* who waits has gone, with all that it was told */
	close(report);
	report = -1;
}

int background_write_pid(const char *path, struct error *error)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	int failed = fd == -1 || dprintf(fd, "%ld\n", (long)getpid()) < 0;

	if (fd != -1 && (fchmod(fd, 0644) == -1 || close(fd) == -1))
		failed = 1;
	return failed ? error_set(error, "cannot write %s: %s", path, strerror(errno)) : 0;
}
