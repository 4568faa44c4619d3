/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "file.h"

/* No list of modules is larger: a line may be as long as its file. */
enum { LARGEST = 16 * 1024 * 1024, PATH_ROOM = 512, WANTED_ROOM = MODULES_NAME + 8 };

/* Null: there is none, or what is there is no file, whose reading might never end. */
static FILE *open_file(const char *path)
{
	struct stat status;
	int fd = file_open(path, NULL);
	bool good = fd >= 0 && fstat(fd, &status) == 0 && status.st_size <= LARGEST;
	FILE *file = good ? fdopen(fd, "r") : NULL;
	if (file == NULL && fd >= 0)
		close(fd);
	return file;
}

/* Is there a line in the file for which this is true? */
static bool any_line(const char *path, bool (*is_it)(char *line, void *context), void *context)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *file = open_file(path);
	while (file != NULL && !found && getline(&line, &room, file) > 0)
		found = is_it(line, context);
	if (file != NULL)
		fclose(file);
	free(line);
	return found;
}

/* ---- the lists of a kernel's modules */

struct entry {
	char wanted[WANTED_ROOM]; /* "/xt_set.ko" */
	char *line;               /* a copy, once it is found */
};

static void want(char wanted[static WANTED_ROOM], const char *name)
{
	snprintf(wanted, WANTED_ROOM, "/%s.ko", name);
}

/* "kernel/net/netfilter/xt_set.ko.xz: kernel/net/netfilter/ipset/ip_set.ko.xz ...": what it is, what it
 * needs. */
static bool is_entry(char *line, void *context)
{
	struct entry *entry = context;
	const char *found = strstr(line, entry->wanted);
	if (found == NULL || found > line + strcspn(line, ":"))
		return false;
	entry->line = strdup(line);
	return true;
}

static void folder_path(char path[static PATH_ROOM], const char *file)
{
	struct utsname kernel;
	uname(&kernel);
	snprintf(path, PATH_ROOM, MODULES_FOLDERS "/%s/%s", kernel.release, file);
}

/* Its line, to be freed; null: it has none. */
static char *find_entry(const char *list, const char *name)
{
	struct entry entry = {.line = NULL};
	char path[PATH_ROOM];
	folder_path(path, list);
	want(entry.wanted, name);
	any_line(path, is_entry, &entry);
	return entry.line;
}

static bool is_there(const char *name)
{
	char path[PATH_ROOM];
	snprintf(path, sizeof path, "/sys/module/%s", name);
	if (access(path, F_OK) == 0)
		return true;
	char *entry = find_entry("modules.builtin", name);
	bool built_in = entry != NULL;
	free(entry);
	return built_in;
}

/* What is listed may have been deleted. */
static bool has_file(const char *entry)
{
	char file[PATH_ROOM / 2], path[PATH_ROOM];
	snprintf(file, sizeof file, "%.*s", (int)strcspn(entry, ":\n"), entry);
	folder_path(path, file);
	return access(path, F_OK) == 0;
}

/* ---- modprobe's configuration */

/* In order: a file hides those of its name in the folders that follow. */
static const char *const folders[] = {"/etc/modprobe.d", "/run/modprobe.d",
				      "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
				      "/lib/modprobe.d"};
enum { FOLDERS = sizeof folders / sizeof *folders };

struct question {
	const char *name, *entry; /* the module's, in modules.dep */
	struct modules_ban *ban;
};

/* "install NAME COMMAND" runs that instead, whoever asks, also for what a module needs and has not; a command
 * that names modprobe does load it. "blacklist NAME" is only for who asks by another name, as the kernel
 * does: "ipt_time", "nfnetlink-subsys-4". */
static bool is_ban(const struct question *question, const char *verb, const char *name,
		   const char *rest)
{
	char wanted[WANTED_ROOM];
	if (strcmp(verb, "blacklist") == 0)
		return strcmp(name, question->name) == 0;
	want(wanted, name);
	return strcmp(verb, "install") == 0 && strlen(name) < MODULES_NAME &&
	       strstr(rest, "modprobe") == NULL && strstr(question->entry, wanted) != NULL &&
	       !is_there(name);
}

/* To modprobe they are the same. */
static void make_underscores(char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '-')
			*text = '_';
}

static bool forbids(char *line, void *context)
{
	const struct question *question = context;
	struct modules_ban *ban = question->ban;
	char *rest = line, *verb = strtok_r(line, " \t\n", &rest);
	char *name = verb == NULL ? NULL : strtok_r(NULL, " \t\n", &rest);
	if (name == NULL)
		return false;
	make_underscores(name);
	if (!is_ban(question, verb, name, rest) ||
	    (ban->name[0] != '\0' && strcmp(ban->name, name) != 0))
		return false;
	snprintf(ban->name, sizeof ban->name, "%s", name);
	return true;
}

static bool is_hidden(const char *path, size_t folder)
{
	char other[PATH_ROOM];
	bool found = false;
	for (size_t i = 0; i < folder && !found; i++) {
		snprintf(other, sizeof other, "%s%s", folders[i], strrchr(path, '/'));
		found = access(other, F_OK) == 0;
	}
	return found;
}

/* What a shell would take for more than a letter may be any. */
static void add_file(struct modules_ban *ban, const char *path)
{
	size_t used = strlen(ban->files);
	if (used + strlen(path) + 2 > MODULES_FILES)
		return;
	if (used > 0)
		ban->files[used++] = ' ';
	for (; *path != '\0'; path++)
		ban->files[used++] =
		    isalnum((unsigned char)*path) || strchr("/._+-", *path) != NULL ? *path : '?';
	ban->files[used] = '\0';
}

/* Those that match and have such a line. */
static void add_files(struct question *question, const char *pattern, size_t folder,
		      bool (*is_it)(char *line, void *context))
{
	glob_t files = {0};
	if (glob(pattern, 0, NULL, &files) != 0)
		return;
	for (size_t i = 0; i < files.gl_pathc; i++)
		if (!is_hidden(files.gl_pathv[i], folder) &&
		    any_line(files.gl_pathv[i], is_it, question))
			add_file(question->ban, files.gl_pathv[i]);
	globfree(&files);
}

static bool is_forbidden(struct question *question)
{
	char pattern[PATH_ROOM];
	for (size_t i = 0; i < FOLDERS; i++) {
		snprintf(pattern, sizeof pattern, "%s/*.conf", folders[i]);
		add_files(question, pattern, i, forbids);
	}
	return question->ban->files[0] != '\0';
}

/* ---- the kernel's command line */

/* Where what boots it has that. */
static const char *const boot_files[] = {"/etc/default/grub",
					 "/etc/default/grub.d/*.cfg",
					 "/etc/kernel/cmdline",
					 "/etc/update-extlinux.conf",
					 "/boot/extlinux/extlinux.conf",
					 "/boot/loader/entries/*.conf",
					 "/boot/firmware/cmdline.txt",
					 "/boot/cmdline.txt"};

static bool list_denies(const struct question *question, const char *list, size_t length, bool all)
{
	struct modules_ban *ban = question->ban;
	for (const char *end = list + length; list < end; list++) {
		char name[MODULES_NAME];
		size_t used = strcspn(list, ",\n");
		if (used > (size_t)(end - list))
			used = (size_t)(end - list);
		snprintf(name, sizeof name, "%.*s", (int)used, list);
		make_underscores(name);
		bool other = ban->name[0] != '\0' && strcmp(ban->name, name) != 0;
		if (used < sizeof name && !other &&
		    is_ban(question, all ? "install" : "blacklist", name, "")) {
			snprintf(ban->name, sizeof ban->name, "%s", name);
			return true;
		}
		list += used;
	}
	return false;
}

/* "module_blacklist=NAME,NAME" nobody loads; "modprobe.blacklist=NAME" is as in modprobe's configuration. */
static bool denies(char *line, void *context)
{
	static const char *const words[] = {
	    "module_blacklist=", "module-blacklist=", "modprobe.blacklist="};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		for (const char *at = line; (at = strstr(at, words[i])) != NULL;) {
			bool begins = at == line || strchr(" \t\"'=", at[-1]) != NULL;
			at += strlen(words[i]);
			if (begins && list_denies(context, at, strcspn(at, " \t\n\"'"), i < 2))
				return true;
		}
	return false;
}

static bool is_denied(struct question *question)
{
	if (!any_line("/proc/cmdline", denies, question))
		return false;
	for (size_t i = 0; i < sizeof boot_files / sizeof *boot_files; i++)
		add_files(question, boot_files[i], 0, denies);
	return true;
}

/* ---- all together */

enum modules_state modules_state(const char *name, struct modules_ban *ban)
{
	if (is_there(name))
		return MODULES_THERE;
	char *entry = find_entry("modules.dep", name);
	if (entry == NULL)
		return MODULES_MISSING;
	struct question question = {.name = name, .entry = entry, .ban = ban};
	*ban = (struct modules_ban){0};
	enum modules_state state = !has_file(entry)          ? MODULES_MISSING
				   : is_denied(&question)    ? MODULES_DENIED
				   : is_forbidden(&question) ? MODULES_FORBIDDEN
							     : MODULES_UNLOADED;
	free(entry);
	return state;
}

bool modules_have_folder(void)
{
	char path[PATH_ROOM];
	folder_path(path, "modules.dep");
	return access(path, F_OK) == 0;
}

bool modules_have_others(void)
{
	glob_t files = {0};
	bool any =
	    glob(MODULES_FOLDERS "/*/modules.dep", 0, NULL, &files) == 0 && files.gl_pathc > 0;
	globfree(&files);
	return any;
}

bool modules_in_container(void)
{
	return access("/run/systemd/container", F_OK) == 0;
}

static bool says_one(char *line, void *context)
{
	(void)context;
	return line[0] == '1';
}

bool modules_are_locked(void)
{
	return any_line("/proc/sys/kernel/modules_disabled", says_one, NULL);
}

/* Who wants none names another program than modprobe there, or none. */
static bool is_modprobe(char *line, void *context)
{
	(void)context;
	line[strcspn(line, "\n")] = '\0';
	return strstr(line, "modprobe") != NULL && access(line, X_OK) == 0;
}

bool modules_come_alone(void)
{
	return any_line("/proc/sys/kernel/modprobe", is_modprobe, NULL);
}
