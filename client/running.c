/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "running.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ask.h"
#include "clock.h"
#include "fields.h"
#include "listener.h"
#include "program.h"

enum { PATIENCE_MS = 5000, RELOAD_MS = 30000, PAUSE_MS = 50 };

static bool take_line(void *context, const char *line)
{
	return fields_add(context, line) == 0;
}

static void copy_field(char *text, size_t size, const struct fields *fields, const char *name)
{
	const char *value = fields_value(fields, name);
	snprintf(text, size, "%s", value == NULL ? "" : value);
}

void running_ask(struct running *running, const struct config *config)
{
	struct fields fields;
	fields_clear(&fields);
	*running = (struct running){.answers = false};
	running->answers = ask(config->control, "status", PATIENCE_MS, 0, take_line, &fields,
			       &running->error) == ASK_OK;
	const char *refused = fields_value(&fields, "reloads-refused");
	running->refused = refused == NULL ? 0 : (uint32_t)strtoul(refused, NULL, 10);
	copy_field(running->started, sizeof running->started, &fields, "started");
	copy_field(running->config_mark, sizeof running->config_mark, &fields, "config-file");
	copy_field(running->keys_mark, sizeof running->keys_mark, &fields, "keys-file");
	if (running->answers)
		copy_field(running->error.text, sizeof running->error.text, &fields,
			   "reload-refused");
}

static bool has_other(const struct running *running, const char *mark, const char *path)
{
	char now[MARK_TEXT];
	mark_of(now, path);
	return running->answers && mark[0] != '\0' && now[0] != '\0' && strcmp(mark, now) != 0;
}

bool running_has_other_config(const struct running *running, const char *config_path)
{
	return has_other(running, running->config_mark, config_path);
}

bool running_has_other_keys(const struct running *running, const char *keys_path)
{
	return has_other(running, running->keys_mark, keys_path);
}

/* ---- a reload */

/* The number might be another's, if posternd died and left the socket to its children for a moment. */
static bool is_posternd(pid_t pid)
{
	char name[PROGRAM_NAME];
	program_name(name, pid);
	return strcmp(name, "posternd") == 0;
}

/* By a handle, which is of one process for ever, and was before it was looked whose it is. */
static int signal_posternd(const char *control, struct error *error)
{
	pid_t pid;
	if (listener_of(control, &pid) != 0)
		pid = 0;
	int handle = pid <= 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0), result = -1;
	bool old_kernel = handle < 0 && errno == ENOSYS;
	if (pid <= 0 || !is_posternd(pid))
		error_set(error,
			  "%s: it is not posternd that listens there, or it can't be seen "
			  "from here",
			  control);
	else if ((old_kernel ? kill(pid, SIGHUP)
			     : (int)syscall(SYS_pidfd_send_signal, handle, SIGHUP, NULL, 0)) != 0)
		error_set(error, "posternd (process %ld) can't be told: %s", (long)pid,
			  strerror(errno));
	else
		result = 0;
	if (handle >= 0)
		close(handle);
	return result;
}

int running_reload(const struct config *config, struct error *error)
{
	struct running before, now;
	running_ask(&before, config);
	if (!before.answers)
		before.refused = UINT32_MAX; /* its children may be what fails: it can be told */
	if (signal_posternd(config->control, error) != 0) {
		if (!before.answers)
			*error = before.error;
		return -2;
	}
	for (int64_t end = clock_steady_ms() + RELOAD_MS; clock_steady_ms() < end;
	     clock_pause(PAUSE_MS)) {
		running_ask(&now, config);
		if (now.answers && now.refused > before.refused)
			return error_set(error, "%s", now.error.text);
		if (now.answers && strcmp(now.started, before.started) != 0)
			return 0;
	}
	error_set(error,
		  "the daemon has not begun anew within %d seconds: its log says why, and "
		  "`posternctl doctor` what may be wrong",
		  RELOAD_MS / 1000);
	return -2;
}

int running_renew(const struct config *config, const char *config_path, struct error *error)
{
	struct running running;
	struct error why;
	running_ask(&running, config);
	if (!running_has_other_config(&running, config_path) || running_reload(config, &why) == 0)
		return 0;
	return error_set(error, "posternd does not take %.100s: %.200s", config_path, why.text);
}
