/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FOLDERS "/lib/modules"

/* Is there a line in the file for which this is true? */
static bool any_line(const char *path, bool (*is_it)(char *line, const char *name),
		     const char *name)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *file = fopen(path, "re");
	while (file != NULL && !found && getline(&line, &room, file) > 0)
		found = is_it(line, name);
	if (file != NULL)
		fclose(file);
	free(line);
	return found;
}

/* "kernel/net/netfilter/xt_time.ko.xz: ..." */
static bool names_module(char *line, const char *name)
{
	char wanted[80];
	snprintf(wanted, sizeof wanted, "/%s.ko", name);
	return strstr(line, wanted) != NULL;
}

/* "install xt_time /bin/false" */
static bool forbids_module(char *line, const char *name)
{
	char *rest = line, *word = strtok_r(line, " \t\n", &rest);
	if (word == NULL || strcmp(word, "install") != 0)
		return false;
	word = strtok_r(NULL, " \t\n", &rest);
	return word != NULL && strcmp(word, name) == 0;
}

static void folder_path(char path[static MODULES_PATH], const char *file)
{
	struct utsname kernel;
	uname(&kernel);
	snprintf(path, MODULES_PATH, FOLDERS "/%s/%s", kernel.release, file);
}

static bool is_listed(const char *list, const char *name)
{
	char path[MODULES_PATH];
	folder_path(path, list);
	return any_line(path, names_module, name);
}

static bool is_forbidden(const char *name, char file[static MODULES_PATH])
{
	static const char *const patterns[] = {
	    "/etc/modprobe.d/*.conf", "/run/modprobe.d/*.conf", "/usr/local/lib/modprobe.d/*.conf",
	    "/usr/lib/modprobe.d/*.conf", "/lib/modprobe.d/*.conf"};
	bool found = false;
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns && !found; i++) {
		glob_t files = {0};
		if (glob(patterns[i], 0, NULL, &files) != 0)
			continue;
		for (size_t j = 0; j < files.gl_pathc && !found; j++) {
			snprintf(file, MODULES_PATH, "%s", files.gl_pathv[j]);
			found = any_line(file, forbids_module, name);
		}
		globfree(&files);
	}
	return found;
}

enum modules_state modules_state(const char *name, char file[static MODULES_PATH])
{
	char path[MODULES_PATH];
	snprintf(path, sizeof path, "/sys/module/%s", name);
	if (access(path, F_OK) == 0 || is_listed("modules.builtin", name))
		return MODULES_THERE;
	if (is_forbidden(name, file))
		return MODULES_FORBIDDEN;
	return is_listed("modules.dep", name) ? MODULES_UNLOADED : MODULES_MISSING;
}

bool modules_have_folder(void)
{
	char path[MODULES_PATH];
	folder_path(path, "modules.dep");
	return access(path, F_OK) == 0;
}

bool modules_have_others(void)
{
	glob_t files = {0};
	bool any = glob(FOLDERS "/*/modules.dep", 0, NULL, &files) == 0 && files.gl_pathc > 0;
	globfree(&files);
	return any;
}

static bool says_one(char *line, const char *name)
{
	(void)name;
	return line[0] == '1';
}

bool modules_are_locked(void)
{
	return any_line("/proc/sys/kernel/modules_disabled", says_one, NULL);
}

/* Who wants none names another program than modprobe there, or none. */
static bool is_program(char *line, const char *name)
{
	line[strcspn(line, "\n")] = '\0';
	return strstr(line, name) != NULL && access(line, X_OK) == 0;
}

bool modules_come_alone(void)
{
	return any_line("/proc/sys/kernel/modprobe", is_program, "modprobe");
}
