/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "when.h"

enum { MOST_BYTES = 1 << 28 };

struct keyfile {
	char path[PATH_MAX]; /* where it really is */
	int fd;
	bool made; /* by us, to be locked */
	struct stat status;
	struct error exposed;
	struct file_text text; /* with the edits so far */
	struct keys keys;      /* as it was read */
	int32_t moved;         /* lines that removals took from before those that follow */
};

static struct keyfile *new_file(struct error *error)
{
	struct keyfile *file = calloc(1, sizeof *file);
	if (file == NULL)
		error_set(error, "out of memory");
	else
		file->fd = -1;
	return file;
}

/* Each edit puts a new file in the place of the old one, so the lock that we waited for may be one
 * of a file that is gone. */
static bool is_in_place(const struct keyfile *file, const char *path)
{
	struct stat ours, there;
	return file->fd >= 0 && fstat(file->fd, &ours) == 0 && stat(path, &there) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

void keyfile_close(struct keyfile *file)
{
	if (file == NULL)
		return;
	/* Nothing came of it. */
	if (file->made && is_in_place(file, file->path))
		unlink(file->path);
	if (file->fd >= 0)
		close(file->fd);
	file_free(&file->text);
	keys_free(&file->keys);
	free(file);
}

const struct keys *keyfile_keys(const struct keyfile *file)
{
	return &file->keys;
}

const char *keyfile_exposed(const struct keyfile *file)
{
	return *file->exposed.text == '\0' ? NULL : file->exposed.text;
}

static int load(struct keyfile *file, struct error *error)
{
	struct error why;
	if (fstat(file->fd, &file->status) != 0 || !S_ISREG(file->status.st_mode))
		return error_set(error, "%s is no file", file->path);
	if (file_read(&file->text, file->fd, MOST_BYTES, file->path, error) != 0)
		return -1;
	if (keys_parse(&file->keys, file->text.text, file->text.size, &why) != 0)
		return error_set(error, "%s: %s", file->path, why.text);
	file_check_private(file->fd, file->path, &file->exposed);
	return 0;
}

/* A symbolic link stays one: what it points to is replaced. */
static int resolve(struct keyfile *file, const char *path, struct error *error)
{
	if (realpath(path, file->path) != NULL)
		return 0;
	return error_set(error, "%s: %s", path, strerror(errno));
}

struct keyfile *keyfile_read(const char *path, struct error *error)
{
	struct keyfile *file = new_file(error);
	if (file == NULL)
		return NULL;
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file->fd < 0)
		error_set(error, "%s: %s", path, strerror(errno));
	else if (resolve(file, path, error) == 0 && load(file, error) == 0)
		return file;
	keyfile_close(file);
	return NULL;
}

static int open_to_edit(struct keyfile *file, const char *path, bool make)
{
	file->made = false;
	file->fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file->fd >= 0 || errno != ENOENT || !make)
		return file->fd < 0 ? -1 : 0;
	file->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	file->made = file->fd >= 0;
	/* Somebody else was faster. */
	return file->made || errno == EEXIST ? 0 : -1;
}

static int lock(struct keyfile *file, const char *path, bool make, struct error *error)
{
	for (;;) {
		if (open_to_edit(file, path, make) != 0)
			return error_set(error, "%s: %s", path, strerror(errno));
		if (file->fd >= 0 && flock(file->fd, LOCK_EX) != 0)
			return error_set(error, "%s can't be locked: %s", path, strerror(errno));
		if (is_in_place(file, path))
			return resolve(file, path, error);
		if (file->fd >= 0)
			close(file->fd);
	}
}

struct keyfile *keyfile_edit(const char *path, bool make, struct error *error)
{
	struct keyfile *file = new_file(error);
	if (file == NULL)
		return NULL;
	if (lock(file, path, make, error) == 0 && load(file, error) == 0)
		return file;
	keyfile_close(file);
	return NULL;
}

/* Puts size bytes in the place of old_size of them. Into new memory: realloc would leave secrets in
 * the old. */
static int patch(struct file_text *text, size_t at, size_t old_size, const char *bytes, size_t size,
		 struct error *error)
{
	struct file_text edited = {malloc(text->size - old_size + size + 1),
				   text->size - old_size + size};
	if (edited.text == NULL)
		return error_set(error, "out of memory");
	memcpy(edited.text, text->text, at);
	memcpy(edited.text + at, bytes, size);
	memcpy(edited.text + at + size, text->text + at + old_size, text->size - at - old_size);
	edited.text[edited.size] = '\0';
	file_free(text);
	*text = edited;
	return 0;
}

bool keyfile_opens(const char *path)
{
	struct keyfile *file = keyfile_read(path, NULL);
	const struct keys *keys = file == NULL ? NULL : keyfile_keys(file);
	bool found = false;
	for (size_t i = 0; keys != NULL && i < keys->count; i++)
		found |= !keys_expired(&keys->list[i], clock_now_ms());
	keyfile_close(file);
	return found;
}

int keyfile_append(struct keyfile *file, const char *line, struct error *error)
{
	struct file_text *text = &file->text;
	if (text->size > 0 && text->text[text->size - 1] != '\n' &&
	    patch(text, text->size, 0, "\n", 1, error) != 0)
		return -1;
	size_t at = text->size;
	return patch(text, at, 0, "\n", 1, error) != 0 ||
		       patch(text, at, 0, line, strlen(line), error) != 0
		   ? -1
		   : 0;
}

/* Where a line of the file as it was read is now; size without its end. */
static char *find_line(struct keyfile *file, uint32_t line, size_t *size)
{
	char *at = file->text.text;
	for (int64_t left = (int64_t)line - file->moved; left > 1; left--)
		at = strchr(at, '\n') + 1;
	*size = strcspn(at, "\n");
	return at;
}

int keyfile_remove(struct keyfile *file, uint32_t line, struct error *error)
{
	size_t size;
	char *at = find_line(file, line, &size);
	if (at[size] == '\n')
		size++;
	file->moved++;
	return patch(&file->text, (size_t)(at - file->text.text), size, "", 0, error);
}

/* The word that begins with expires=, before any comment; or where one may be put in: behind the last
 * word. */
static char *find_expires(char *line, size_t size, size_t *length)
{
	static const char name[] = "expires=";
	char *at = line, *last = line, *end = line + size;
	for (;;) {
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		*length = strcspn(at, " \t\r\n");
		if (at + *length > end)
			*length = (size_t)(end - at);
		if (*length == 0 || *at == '#')
			break;
		if (strncmp(at, name, sizeof name - 1) == 0)
			return at;
		at += *length;
		last = at;
	}
	*length = 0;
	return last;
}

int keyfile_expire(struct keyfile *file, uint32_t line, uint64_t expires_ms, struct error *error)
{
	char word[16 + WHEN_MOMENT_TEXT] = " expires=";
	size_t size, length;
	char *at = find_line(file, line, &size);
	char *place = find_expires(at, size, &length);
	when_moment_print(word + strlen(word), expires_ms);
	const char *put = length > 0 ? word + 1 : word;
	return patch(&file->text, (size_t)(place - file->text.text), length, put, strlen(put),
		     error);
}

int keyfile_write(struct keyfile *file, struct error *error)
{
	struct keys keys;
	struct error why;
	if (keys_parse(&keys, file->text.text, file->text.size, &why) != 0)
		return error_set(error, "%s would be wrong: %s", file->path, why.text);
	keys_free(&keys);
	return file_replace(file->path, file->text.text, file->text.size, &file->status, true,
			    error);
}
