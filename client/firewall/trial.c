/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "plan.h"
#include "program.h"
#include "rules.h"

/* In the child, whose word on the line is what failed. */
static _Noreturn void make_rules(const struct config *config, const struct look *look,
				 enum ruleset_maker keeper, int line)
{
	struct rules rules;
	struct plan plan = {0};
	struct error error = {""};
	char lock[] = "/tmp/postern-lock.XXXXXX";
	int fd = mkstemp(lock);
	setenv("XTABLES_LOCKFILE", lock, 1);
	rules_start(&rules, config, NULL, keeper);
	if (keeper != RULESET_NFT)
		rules.command = look->commands[keeper];
	rules_plan(&rules, &plan);
	if (config->firewall == CONFIG_IPTC)
		plan_command(&plan,
			     "%s -w -A INPUT -m time --datestart 2020-01-01T00:00:00 -j ACCEPT",
			     rules.command);
	if (unshare(CLONE_NEWNET) == 0 && plan_run(&plan, &error) != 0)
		file_write(line, error.text, strlen(error.text));
	if (fd >= 0)
		unlink(lock);
	_exit(0);
}

int trial_run(const struct config *config, const struct look *look, enum ruleset_maker keeper,
	      struct error *error)
{
	char said[300] = "";
	int ends[2];
	bool lacks = config->firewall == CONFIG_IPSET && !program_exists("ipset");
	if (lacks || (keeper != RULESET_NFT && look->commands[keeper] == NULL) ||
	    pipe2(ends, O_CLOEXEC) != 0)
		return 0;
	pid_t pid = fork();
	if (pid == 0)
		make_rules(config, look, keeper, ends[1]);
	close(ends[1]);
	ssize_t got = pid < 0 ? 0 : read(ends[0], said, sizeof said - 1);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return got <= 0 ? 0 : error_set(error, "%s", said);
}
