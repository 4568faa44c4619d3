/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "plan.h"
#include "program.h"
#include "rules.h"

/* Its lock is a file of no name, which those that it starts inherit; the folder is that of the start. */
static bool go_apart(void)
{
	char lock[40];
	int fd = memfd_create("postern-lock", 0);
	snprintf(lock, sizeof lock, "/proc/self/fd/%d", fd);
	return fd >= 0 && access(lock, F_OK) == 0 && setenv("XTABLES_LOCKFILE", lock, 1) == 0 &&
	       chdir("/") == 0 && unshare(CLONE_NEWNET) == 0;
}

static _Noreturn void act_apart(void (*act)(const void *context, int line), const void *context,
				int line)
{
	if (go_apart())
		act(context, line);
	_exit(0);
}

/* Until its end, or there is no more room. */
static size_t hear(int line, char *answer, size_t size)
{
	size_t used = 0;
	while (used < size) {
		ssize_t got = read(line, answer + used, size - used);
		if (got == 0 || (got < 0 && errno != EINTR))
			break;
		used += got > 0 ? (size_t)got : 0;
	}
	return used;
}

size_t trial_ask(void (*act)(const void *context, int line), const void *context, void *answer,
		 size_t size)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return 0;
	pid_t pid = fork();
	if (pid == 0)
		act_apart(act, context, ends[1]);
	close(ends[1]);
	size_t used = hear(ends[0], answer, size);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return used;
}

/* ---- Postern's own rules */

struct task {
	const struct config *config;
	const struct look *look;
	enum ruleset_maker keeper;
};

/* Its word on the line is what failed. */
static void make_rules(const void *context, int line)
{
	const struct task *task = context;
	struct rules rules;
	struct plan plan = {0};
	struct error error = {""};
	rules_start(&rules, task->config, NULL, task->keeper);
	if (task->keeper != RULESET_NFT)
		rules.command = task->look->commands[task->keeper];
	rules_plan(&rules, &plan);
	if (task->config->firewall == CONFIG_IPTC)
		plan_command(&plan,
			     "%s -w -A INPUT -m time --datestart 2020-01-01T00:00:00 -j ACCEPT",
			     rules.command);
	if (plan_run(&plan, &error) != 0)
		file_write(line, error.text, strlen(error.text));
	plan_free(&plan);
}

int trial_run(const struct config *config, const struct look *look, enum ruleset_maker keeper,
	      struct error *error)
{
	const struct task task = {.config = config, .look = look, .keeper = keeper};
	char said[300];
	if ((config->firewall == CONFIG_IPSET && !program_exists("ipset")) ||
	    (keeper != RULESET_NFT && look->commands[keeper] == NULL))
		return 0;
	size_t used = trial_ask(make_rules, &task, said, sizeof said - 1);
	said[used] = '\0';
	return used == 0 ? 0 : error_set(error, "%s", said);
}
