/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto.h"

int file_open(const char *path, struct error *error)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) != 0) {
		error_set(error, "%s can't be read: %s", path, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		error_set(error, "%s can't be read: it is %s, not a file", path,
			  S_ISFIFO(status.st_mode)  ? "a pipe"
			  : S_ISDIR(status.st_mode) ? "a folder"
						    : "a device");
		errno = EINVAL;
	} else
		return fd;
	int why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return -1;
}

void file_free(struct file_text *text)
{
	if (text->text != NULL)
		crypto_wipe(text->text, text->size);
	free(text->text);
	*text = (struct file_text){0};
}

/* realloc would leave the old copy behind, unwiped. */
static int grow(struct file_text *text, size_t room)
{
	char *larger = malloc(room + 1);
	if (larger == NULL)
		return -1;
	struct file_text old = *text;
	if (old.size > 0)
		memcpy(larger, old.text, old.size);
	text->text = larger;
	file_free(&old);
	return 0;
}

/* A terminal has no end, but lines: the first that says something is all. */
static bool is_line(const struct file_text *text)
{
	return text->size > 0 && text->text[text->size - 1] == '\n' &&
	       strspn(text->text, " \t\n") < text->size;
}

int file_read(struct file_text *text, int fd, size_t most, const char *what, struct error *error)
{
	size_t room = 0;
	bool terminal = isatty(fd) == 1;
	*text = (struct file_text){0};
	for (;;) {
		if (text->size == room) {
			room = room == 0 ? 16384 : room * 2;
			if (grow(text, room) != 0)
				return error_set(error, "%s: out of memory", what);
		}
		ssize_t got = read(fd, text->text + text->size, room - text->size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, "%s: %s", what, strerror(errno));
		text->size += (size_t)got;
		text->text[text->size] = '\0';
		if (got == 0 || (terminal && is_line(text)))
			return 0;
		if (text->size > most)
			return error_set(error, "%s is longer than %zu bytes", what, most);
	}
}

int file_write(int fd, const void *bytes, size_t size)
{
	const char *at = bytes;
	while (size > 0) {
		ssize_t done = write(fd, at, size);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		at += done;
		size -= (size_t)done;
	}
	return 0;
}

/* A '~' cannot stand in a NAME, so what a crash leaves behind is nobody's enrolment. */
static int make_temporary(char *temporary, size_t size, const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash == NULL ? 0 : (int)(slash + 1 - path);
	int length = snprintf(temporary, size, "%.*s~%s.XXXXXX", folder, path, path + folder);
	if (length < 0 || (size_t)length >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return mkostemp(temporary, O_CLOEXEC);
}

static int fill(int fd, const void *bytes, size_t size, const struct stat *like)
{
	struct stat made;
	if (fstat(fd, &made) != 0)
		return -1;
	if (like != NULL && (made.st_uid != like->st_uid || made.st_gid != like->st_gid) &&
	    fchown(fd, like->st_uid, like->st_gid) != 0)
		return -1;
	if (fchmod(fd, like == NULL ? 0600 : like->st_mode & 07777) != 0)
		return -1;
	return file_write(fd, bytes, size) == 0 && fsync(fd) == 0 ? 0 : -1;
}

/* A link fails where the path is taken, a rename does not. */
static int put_in_place(const char *temporary, const char *path, bool replace)
{
	if (replace)
		return rename(temporary, path);
	if (link(temporary, path) != 0)
		return -1;
	unlink(temporary);
	return 0;
}

/* The new name is on disk once its folder is. */
static int sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int length = slash == NULL ? 0 : (int)(slash + 1 - path);
	snprintf(folder, sizeof folder, "%.*s", length == 0 ? 1 : length, length == 0 ? "." : path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	int result = fsync(fd);
	close(fd);
	return result;
}

int file_replace(const char *path, const void *bytes, size_t size, const struct stat *like,
		 bool replace, struct error *error)
{
	char temporary[PATH_MAX];
	int fd = make_temporary(temporary, sizeof temporary, path);
	if (fd < 0)
		return error_set(error, "%s can't be written: %s", path, strerror(errno));
	int failed = 0;
	if (fill(fd, bytes, size, like) != 0 || put_in_place(temporary, path, replace) != 0)
		failed = errno;
	close(fd);
	if (failed != 0) {
		unlink(temporary);
		error_set(error, "%s can't be written: %s", path, strerror(failed));
		errno = failed;
		return -1;
	}
	if (sync_folder(path) != 0)
		return error_set(error, "%s is written, but not known to be on disk: %s", path,
				 strerror(errno));
	return 0;
}

int file_move(const char *from, const char *to, struct error *error)
{
	if (rename(from, to) == 0 && sync_folder(to) == 0)
		return 0;
	return error_set(error, "%s can't become %s: %s", from, to, strerror(errno));
}

int file_check_private(int fd, const char *path, struct error *error)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return error_set(error, "%s: %s", path, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return error_set(error, "%s is a folder", path);
	if (!S_ISREG(status.st_mode))
		return 0;
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return error_set(error, "%s belongs to somebody else: chown %u %s", path,
				 (unsigned)geteuid(), path);
	if ((status.st_mode & 077) != 0)
		return error_set(error, "%s can be read or written by others: chmod 600 %s", path,
				 path);
	return 0;
}
