/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"

enum { PATIENCE_MS = 60000, FIRST_ROOM = 16384 };

/* As lib.sh of any distribution has them; a user's PATH may lack the last. */
static const char system_folders[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool find_in(char path[PATH_MAX], const char *folders, const char *name)
{
	while (*folders != '\0') {
		size_t length = strcspn(folders, ":");
		snprintf(path, PATH_MAX, "%.*s/%s", (int)length, folders, name);
		if (path[0] == '/' && access(path, X_OK) == 0)
			return true;
		folders += length + (folders[length] == ':');
	}
	return false;
}

static bool find(char path[PATH_MAX], const char *name)
{
	const char *folders = getenv("PATH");
	return (folders != NULL && find_in(path, folders, name)) ||
	       find_in(path, system_folders, name);
}

bool program_exists(const char *name)
{
	char path[PATH_MAX];
	return find(path, name);
}

/* A file of no name that holds the text. -1: no. */
static int text_file(const char *text)
{
	int fd = memfd_create("postern", MFD_CLOEXEC);
	if (fd < 0 || (text != NULL && file_write(fd, text, strlen(text)) != 0) ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static _Noreturn void become(const char *path, const char *const *argv, const int fds[static 3])
{
	static const int reset[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM};
	/* What it waits for, it is not to do when somebody takes back what was done. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (size_t i = 0; i < sizeof reset / sizeof *reset; i++)
		signal(reset[i], SIG_DFL);
	setenv("LC_ALL", "C", 1);
	for (int fd = 0; fd < 3; fd++)
		if (dup2(fds[fd], fd) != fd)
			_exit(127);
	execv(path, (char *const *)argv);
	_exit(127);
}

/* More room for at least one byte. */
static int grow(struct program_output *output, size_t *room)
{
	if (output->size + 1 < *room)
		return 0;
	size_t larger = *room == 0 ? FIRST_ROOM : *room * 2;
	char *text = realloc(output->text, larger);
	if (text == NULL)
		return -1;
	output->text = text;
	*room = larger;
	return 0;
}

/* Until its end. 0, or -1: too long, too much, too late. */
static int read_all(struct program_output *output, int fd, size_t most)
{
	int64_t end = clock_steady_ms() + PATIENCE_MS;
	size_t room = 0;
	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		int64_t left = end - clock_steady_ms();
		if (grow(output, &room) != 0 || left <= 0)
			return -1;
		if (poll(&poll_fd, 1, (int)left) <= 0)
			continue;
		ssize_t got = read(fd, output->text + output->size, room - output->size - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		output->size += (size_t)got;
		output->text[output->size] = '\0';
		if (got == 0)
			return 0;
		if (output->size > most)
			return -1;
	}
}

/* The first line; or the one after, where iptables-restore says what was wrong in which line. */
static void take_said(struct program_output *output, int fd)
{
	static const char *const wheres[] = {"\nError occurred at line: ", "\nline "};
	char text[PROGRAM_SAID * 2];
	ssize_t got = pread(fd, text, sizeof text - 1, 0);
	text[got > 0 ? got : 0] = '\0';
	size_t first = strcspn(text, "\n");
	snprintf(output->said, sizeof output->said, "%.*s", (int)first, text);
	for (size_t i = 0; i < sizeof wheres / sizeof *wheres; i++) {
		const char *where = strstr(text + first, wheres[i]);
		size_t used = strlen(output->said);
		if (where != NULL)
			snprintf(output->said + used, sizeof output->said - used, " (%.*s)",
				 (int)strcspn(where + 1, "\n"), where + 1);
	}
	error_one_line(output->said);
}

static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The child's three; the pipe that its output comes from is the fourth. */
enum { INPUT, OUTPUT, SAID, FROM, FDS };

static int open_fds(int fds[static FDS], const char *input)
{
	int ends[2];
	for (int i = 0; i < FDS; i++)
		fds[i] = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	fds[FROM] = ends[0];
	fds[OUTPUT] = ends[1];
	fds[INPUT] = text_file(input);
	fds[SAID] = text_file(NULL);
	return fds[INPUT] >= 0 && fds[SAID] >= 0 ? 0 : -1;
}

static void close_fds(int fds[static FDS])
{
	for (int i = 0; i < FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int run(struct program_output *output, const char *path, const char *const *argv,
	       int fds[static FDS], size_t most, struct error *error)
{
	pid_t pid = fork();
	if (pid < 0)
		return error_set(error, "%s can't be started: %s", argv[0], strerror(errno));
	if (pid == 0)
		become(path, argv, fds);
	close(fds[OUTPUT]);
	fds[OUTPUT] = -1;
	int result = read_all(output, fds[FROM], most);
	if (result != 0)
		kill(pid, SIGKILL);
	int status = wait_for(pid);
	take_said(output, fds[SAID]);
	if (result != 0)
		return error_set(error, "%s prints too much, or takes more than a minute", argv[0]);
	if (status < 0 || status == 127)
		return error_set(error, "%s could not be run to its end", argv[0]);
	return status;
}

int program_run(struct program_output *output, const char *const *argv, const char *input,
		size_t most, struct error *error)
{
	struct program_output unwanted = {0}, *into = output != NULL ? output : &unwanted;
	char path[PATH_MAX];
	int fds[FDS], status = -1;
	*into = (struct program_output){0};
	if (!find(path, argv[0]))
		return error_set(error, "%s is not installed", argv[0]);
	if (open_fds(fds, input) != 0)
		error_set(error, "%s can't be started: %s", argv[0], strerror(errno));
	else
		status = run(into, path, argv, fds, most, error);
	close_fds(fds);
	program_free(&unwanted);
	return status;
}

void program_free(struct program_output *output)
{
	free(output->text);
	output->text = NULL;
	output->size = 0;
}

const char *program_installer(bool again)
{
	static const struct {
		const char *program, *command, *again;
	} managers[] = {{"apt-get", "apt-get install", "apt-get install --reinstall"},
			{"dnf", "dnf install", "dnf reinstall"},
			{"pacman", "pacman -S", "pacman -S"},
			{"apk", "apk add", "apk fix"},
			{"zypper", "zypper install", "zypper install --force"}};
	for (size_t i = 0; i < sizeof managers / sizeof *managers; i++)
		if (program_exists(managers[i].program))
			return again ? managers[i].again : managers[i].command;
	return NULL;
}

void program_name(char name[static PROGRAM_NAME], long pid)
{
	char path[40];
	snprintf(name, PROGRAM_NAME, "?");
	snprintf(path, sizeof path, "/proc/%ld/comm", pid);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return;
	if (fgets(name, PROGRAM_NAME, file) == NULL)
		snprintf(name, PROGRAM_NAME, "?");
	name[strcspn(name, "\n")] = '\0';
	fclose(file);
}
