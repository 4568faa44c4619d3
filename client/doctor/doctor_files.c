/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_files.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"
#include "say.h"

void doctor_files_config(struct doctor *doctor)
{
	struct error error;
	struct stat status;
	if (doctor->configured)
		return;
	config_read(&doctor->config, doctor->config_path, &error);
	doctor_find(doctor, DOCTOR_WRONG, "%s", error.text);
	if (stat(doctor->config_path, &status) != 0 && errno == ENOENT)
		doctor_remedy(doctor, "install -D -m 644 /dev/null %s",
			      SAY_QUOTED(doctor->config_path));
	else
		doctor_remedy_edit(doctor, doctor->config_path);
}

static void check_user(struct doctor *doctor, const char *name)
{
	if (getpwnam(name) != NULL)
		return;
	doctor_find(doctor, DOCTOR_WRONG, "there is no user %s", name);
	if (!program_exists("useradd")) /* BusyBox has others */
		doctor_remedy(doctor, "%s%s%sadduser -S -D -H -h / -s /sbin/nologin -G %s %s",
			      getgrnam(name) == NULL ? "addgroup -S " : "",
			      getgrnam(name) == NULL ? name : "",
			      getgrnam(name) == NULL ? " && " : "", name, name);
	else
		doctor_remedy(doctor,
			      "useradd --system %s%s --no-create-home --home-dir / "
			      "--shell /usr/sbin/nologin %s",
			      getgrnam(name) == NULL ? "--user-group" : "--gid ",
			      getgrnam(name) == NULL ? "" : name, name);
}

void doctor_files_users(struct doctor *doctor)
{
	if (!doctor->configured)
		return;
	check_user(doctor, doctor->config.user_capture);
	check_user(doctor, doctor->config.user_auth);
	check_user(doctor, doctor->config.user_firewall);
	if (getgrnam("postern") != NULL)
		return;
	doctor_find(doctor, DOCTOR_WARNING,
		    "there is no group postern, whose members may ask the daemon");
	doctor_remedy(doctor, program_exists("groupadd") ? "groupadd --system postern"
							 : "addgroup -S postern");
}

/* Whose it must be, and what others must not do with it. */
static void check_path(struct doctor *doctor, const char *path, uid_t owner, const char *owner_name,
		       mode_t forbidden, const char *how)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return; /* what must be there is for who needs it to say */
	if (status.st_uid != owner && status.st_uid != 0) {
		doctor_find(doctor, DOCTOR_WRONG, "%s belongs to uid %u, not to %s", path,
			    (unsigned)status.st_uid, owner_name);
		doctor_remedy(doctor, "chown %s %s", owner_name, SAY_QUOTED(path));
	}
	if ((status.st_mode & forbidden) == 0)
		return;
	doctor_find(doctor, DOCTOR_WRONG, "%s can be %s by others: its mode is %04o", path,
		    (forbidden & 044) != 0 ? "read" : "written", (unsigned)status.st_mode & 07777);
	doctor_remedy(doctor, "chmod %s %s", how, SAY_QUOTED(path));
}

/* Who may write a file's folder may put another in its place, unless it is sticky. False: it has none of these. */
static bool folder_of(char folder[static CONFIG_PATH], const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat status;
	if (slash == NULL || slash == path || slash - path >= CONFIG_PATH)
		return false;
	snprintf(folder, CONFIG_PATH, "%.*s", (int)(slash - path), path);
	return stat(folder, &status) == 0 && (status.st_mode & S_ISVTX) == 0;
}

enum { LINKS = 40 }; /* more of them the kernel does not follow, either */

/* The link that ends there is replaced by what it leads to. */
static bool follow(char way[static PATH_MAX], size_t end)
{
	char link[PATH_MAX], target[PATH_MAX] = "", rest[PATH_MAX];
	snprintf(rest, sizeof rest, "%s", way + end);
	snprintf(link, sizeof link, "%.*s", (int)end, way);
	if (readlink(link, target, sizeof target - 1) <= 0)
		return false;
	const char *name = strrchr(link, '/') + 1;
	int folder = target[0] == '/' ? 0 : (int)(name - link);
	return snprintf(way, PATH_MAX, "%.*s%s%s", folder, link, target, rest) < PATH_MAX;
}

static bool is_told(const struct doctor *doctor, const char *path)
{
	size_t length = strlen(path);
	bool told = false;
	for (size_t i = 0; i < doctor->count; i++)
		told |= strncmp(doctor->list[i].text, path, length) == 0 &&
			doctor->list[i].text[length] == ' ';
	return told;
}

/* Is it the home of whoever it belongs to? It is not to be taken from him. */
static const char *home_of(const char *path, uid_t owner)
{
	const struct passwd *user = owner == 0 ? NULL : getpwuid(owner);
	return user != NULL && strcmp(user->pw_dir, path) == 0 ? user->pw_name : NULL;
}

/* A folder on the way to a file. What is in a sticky one, others can't put away. */
static void check_folder(struct doctor *doctor, const char *path, const struct stat *status)
{
	bool sticky = (status->st_mode & S_ISVTX) != 0;
	if (!S_ISDIR(status->st_mode) || is_told(doctor, path))
		return;
	const char *user = home_of(path, status->st_uid);
	if (user == NULL) {
		check_path(doctor, path, 0, "root", sticky ? 0 : 022, "go-w");
		return;
	}
	doctor_find(doctor, DOCTOR_WRONG,
		    "%s is the home of %s, who can put other files in the place of Postern's: have "
		    "these elsewhere",
		    path, user);
	doctor_remedy_edit(doctor, doctor->config_path);
}

/* Who may write any of the folders on the way to a file may put another in its place, wherever links lead. */
static void check_folders_of(struct doctor *doctor, const char *path)
{
	char way[PATH_MAX], folder[PATH_MAX] = "";
	struct stat status;
	if (path[0] != '/' && getcwd(folder, sizeof folder) == NULL)
		return;
	const char *between = path[0] == '/' ? "" : "/";
	if (snprintf(way, sizeof way, "%s%s%s", folder, between, path) >= PATH_MAX)
		return;
	int links = 0;
	for (size_t end = 0; way[end] != '\0';) {
		end += strspn(way + end, "/");
		end += strcspn(way + end, "/");
		snprintf(folder, sizeof folder, "%.*s", (int)end, way);
		if (lstat(folder, &status) != 0)
			return; /* what must be there is for who needs it to say */
		check_folder(doctor, folder, &status);
		if (!S_ISLNK(status.st_mode))
			continue;
		if (links++ == LINKS || !follow(way, end))
			return;
		end = 0;
	}
}

/* Whoever a syslog is, and whatever group it has: who else writes there says who has knocked. */
static void check_written_by_all(struct doctor *doctor, const char *path)
{
	struct stat status;
	if (stat(path, &status) == 0)
		check_path(doctor, path, status.st_uid, "", 002, "o-w");
}

static void check_logs(struct doctor *doctor)
{
	const struct config *config = &doctor->config;
	char folder[CONFIG_PATH];
	for (uint32_t i = 0; i < config->n_sources; i++) {
		const char *log = config->sources[i].file;
		if (config->sources[i].kind != SOURCE_LOG)
			continue;
		check_written_by_all(doctor, log);
		if (folder_of(folder, log))
			check_written_by_all(doctor, folder);
	}
}

/* The state folder is auth's alone. */
static void check_state(struct doctor *doctor)
{
	const struct config *config = &doctor->config;
	const struct passwd *user = getpwnam(config->user_auth);
	struct stat status;
	if (user == NULL || stat(config->state, &status) != 0)
		return;
	if (status.st_uid != user->pw_uid) {
		doctor_find(doctor, DOCTOR_WRONG, "%s belongs to uid %u, not to %s", config->state,
			    (unsigned)status.st_uid, config->user_auth);
		doctor_remedy(doctor, "chown -R %s: %s", config->user_auth,
			      SAY_QUOTED(config->state));
	}
	check_path(doctor, config->state, status.st_uid, config->user_auth, 077, "700");
}

/* root and the group may ask. */
static void check_socket(struct doctor *doctor)
{
	const char *path = doctor->config.control;
	const struct group *group = getgrnam("postern");
	struct stat status;
	if (stat(path, &status) != 0)
		return;
	if (group != NULL && (status.st_gid != group->gr_gid || (status.st_mode & 060) != 060)) {
		doctor_find(doctor, DOCTOR_WARNING, "%s is not for the group postern to ask at",
			    path);
		doctor_remedy(doctor, "chgrp postern %s && chmod 660 %s", SAY_QUOTED(path),
			      SAY_QUOTED(path));
	}
	check_path(doctor, path, 0, "root", 007, "660");
}

void doctor_files_modes(struct doctor *doctor)
{
	check_path(doctor, doctor->config_path, 0, "root", 022, "go-w");
	check_folders_of(doctor, doctor->config_path);
	if (!doctor->configured)
		return;
	check_path(doctor, doctor->config.keys, 0, "root", 077, "600");
	check_folders_of(doctor, doctor->config.keys);
	check_folders_of(doctor, doctor->config.control);
	check_state(doctor);
	check_socket(doctor);
	check_logs(doctor);
}

static void remedy_first(struct doctor *doctor)
{
	char door[DOOR_TEXT], verb[80];
	door_print(door, &doctor->config.doors[0]);
	snprintf(verb, sizeof verb, "key add first --host \"$(hostname)\" --open %s", door);
	doctor_remedy_verb(doctor, verb);
}

void doctor_files_keys(struct doctor *doctor)
{
	struct error error;
	struct stat status;
	if (!doctor->configured)
		return;
	const char *path = doctor->config.keys;
	if (stat(path, &status) != 0 && errno == ENOENT) {
		doctor_find(doctor, DOCTOR_WRONG, "%s is not there: nobody can knock", path);
		remedy_first(doctor);
		return;
	}
	struct keyfile *file = keyfile_read(path, &error);
	if (file == NULL) {
		doctor_find(doctor, DOCTOR_WRONG, "%s", error.text);
		doctor_remedy_edit(doctor, path);
	} else if (keyfile_keys(file)->count == 0) {
		doctor_find(doctor, DOCTOR_WARNING, "%s has no key: nobody can knock", path);
		remedy_first(doctor);
	}
	keyfile_close(file);
}
