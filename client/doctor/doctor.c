/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "say.h"

void doctor_find(struct doctor *doctor, enum doctor_level level, const char *format, ...)
{
	va_list arguments;
	if (doctor->count == DOCTOR_FINDINGS)
		doctor->count--; /* the last stands for all that follow */
	struct doctor_finding *finding = &doctor->list[doctor->count++];
	*finding = (struct doctor_finding){.check = doctor->check, .level = level};
	va_start(arguments, format);
	vsnprintf(finding->text, sizeof finding->text, format, arguments);
	va_end(arguments);
	error_one_line(finding->text);
}

void doctor_remedy(struct doctor *doctor, const char *format, ...)
{
	struct doctor_finding *finding = &doctor->list[doctor->count - 1];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(finding->remedy, sizeof finding->remedy, format, arguments);
	va_end(arguments);
	if (length < 0 || length >= DOCTOR_TEXT) /* what is cut is no command */
		snprintf(finding->remedy, sizeof finding->remedy,
			 "# the command is too long to be told");
	error_one_line(finding->remedy);
}

void doctor_remedy_verb(struct doctor *doctor, const char *verb)
{
	char command[SAY_COMMAND];
	say_command(command, verb, doctor->config_path);
	doctor_remedy(doctor, "%s", command);
}

void doctor_remedy_edit(struct doctor *doctor, const char *path)
{
	doctor_remedy(doctor, "${EDITOR:-vi} %s", SAY_QUOTED(path));
}

void doctor_remedy_package(struct doctor *doctor, const char *package)
{
	const char *installer = program_installer(false);
	doctor_remedy(doctor, "%s %s", installer != NULL ? installer : "# install", package);
}

/* What is masked is a link to /dev/null. */
static bool is_unit(const char *path, bool masked)
{
	char target[20] = "";
	bool away =
	    readlink(path, target, sizeof target - 1) > 0 && strcmp(target, "/dev/null") == 0;
	return away == masked && access(path, F_OK) == 0;
}

static bool find_unit(const char *name, bool masked)
{
	static const char *const folders[] = {"/etc/systemd/system", "/run/systemd/system",
					      "/usr/local/lib/systemd/system",
					      "/usr/lib/systemd/system", "/lib/systemd/system"};
	char path[100];
	bool found = false;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", folders[i], name);
		found |= is_unit(path, masked);
	}
	return found && access("/run/systemd/system", F_OK) == 0;
}

bool doctor_has_unit(const char *name)
{
	return find_unit(name, false);
}

void doctor_remedy_unit(struct doctor *doctor, const char *name)
{
	bool masked = find_unit(name, true);
	doctor_remedy(doctor, "%s%s%ssystemctl enable --now %s", masked ? "systemctl unmask " : "",
		      masked ? name : "", masked ? " && " : "", name);
}
