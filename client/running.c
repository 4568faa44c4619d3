/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ask.h"
#include "fields.h"
#include "when.h"

enum { PATIENCE_MS = 5000 };

static bool take_line(void *context, const char *line)
{
	return fields_add(context, line) == 0;
}

void running_ask(struct running *running, const struct config *config)
{
	struct fields fields;
	fields_clear(&fields);
	*running = (struct running){.keys = UINT32_MAX};
	running->answers = ask(config->control, "status", PATIENCE_MS, 0, take_line, &fields,
			       &running->error) == ASK_OK;
	const char *started = fields_value(&fields, "started");
	const char *keys = fields_value(&fields, "keys");
	if (started != NULL && when_moment_parse(&running->started_ms, started, NULL) != 0)
		running->started_ms = 0;
	if (keys != NULL)
		running->keys = (uint32_t)strtoul(keys, NULL, 10);
}

bool running_is_older(const struct running *running, const char *config_path)
{
	struct stat status;
	if (!running->answers || running->started_ms == 0 || stat(config_path, &status) != 0)
		return false;
	return (uint64_t)status.st_mtim.tv_sec * 1000 + (uint64_t)status.st_mtim.tv_nsec / 1000000 >
	       running->started_ms;
}

/* Where posternd puts its number, unless -p says otherwise. */
void running_reload(char command[static RUNNING_RELOAD], const struct config *config)
{
	const char *slash = strrchr(config->control, '/');
	snprintf(command, RUNNING_RELOAD, "kill -HUP $(cat %.*s/posternd.pid)",
		 slash == NULL ? 0 : (int)(slash - config->control), config->control);
}
