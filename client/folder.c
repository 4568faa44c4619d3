/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "folder.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *variable, *below_home;
} folders[] = {
    [FOLDER_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
    [FOLDER_STATE] = {"XDG_STATE_HOME", ".local/state"},
};

static const char *home(void)
{
	const char *home = getenv("HOME");
	if (home != NULL && *home == '/')
		return home;
	const struct passwd *user = getpwuid(geteuid());
	return user == NULL ? NULL : user->pw_dir;
}

int folder_path(char path[static PATH_MAX], enum folder folder, struct error *error)
{
	/* The specification has relative paths ignored. */
	const char *base = getenv(folders[folder].variable);
	int length;
	if (base != NULL && *base == '/') {
		length = snprintf(path, PATH_MAX, "%s/postern", base);
	} else {
		base = home();
		if (base == NULL)
			return error_set(error, "no home folder is known: set HOME, or %s",
					 folders[folder].variable);
		length =
		    snprintf(path, PATH_MAX, "%s/%s/postern", base, folders[folder].below_home);
	}
	if (length < 0 || length >= PATH_MAX)
		return error_set(error, "the path in %s is too long", folders[folder].variable);
	return 0;
}

int folder_file(char path[static PATH_MAX], enum folder folder, const char *name,
		struct error *error)
{
	if (folder_path(path, folder, error) != 0)
		return -1;
	size_t used = strlen(path);
	int length = snprintf(path + used, PATH_MAX - used, "/%s", name);
	if (length < 0 || (size_t)length >= PATH_MAX - used)
		return error_set(error, "the path in %s is too long", folders[folder].variable);
	return 0;
}

int folder_make(enum folder folder, struct error *error)
{
	char path[PATH_MAX];
	if (folder_path(path, folder, error) != 0)
		return -1;
	for (char *slash = path + 1;; slash++) {
		slash = strchr(slash, '/');
		if (slash != NULL)
			*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return error_set(error, "%s can't be made: %s", path, strerror(errno));
		if (slash == NULL)
			return 0;
		*slash = '/';
	}
}

int folder_check(enum folder folder, struct error *error)
{
	char path[PATH_MAX];
	struct stat status;
	if (folder_path(path, folder, error) != 0)
		return -1;
	if (stat(path, &status) != 0)
		return errno == ENOENT ? 0 : error_set(error, "%s: %s", path, strerror(errno));
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return error_set(error, "%s belongs to somebody else: chown %u %s", path,
				 (unsigned)geteuid(), path);
	if ((status.st_mode & 022) != 0)
		return error_set(error, "%s can be written by others: chmod 700 %s", path, path);
	return 0;
}
