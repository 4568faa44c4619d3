/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "edits.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "layout.h"

enum { LONGEST = 64 * 1024 * 1024 }; /* as what programs print */

#define BEGIN EDITS_MARK ": by posternctl firewall install\n"
#define END   "# postern end\n"

void edits_free(struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++) {
		free(edits->list[i].before);
		free(edits->list[i].after);
	}
	*edits = (struct edits){0};
}

/* The file as it is, which a link may lead to. */
static int load(struct edit *edit, const char *path, struct error *error)
{
	struct file_text text = {0};
	char real[PATH_MAX];
	*edit = (struct edit){0};
	if (realpath(path, real) == NULL)
		return error_set(error, "%s can't be read: %s", path, strerror(errno));
	int fd = file_open(real, error);
	if (fd < 0)
		return -1;
	int result = fstat(fd, &edit->like) == 0 ? file_read(&text, fd, LONGEST, path, error) : -1;
	close(fd);
	if (result == 0 && strlen(real) >= sizeof edit->path)
		result = error_set(error, "%s: too long a path", path);
	if (result != 0) {
		file_free(&text);
		return -1;
	}
	memcpy(edit->path, real, strlen(real) + 1);
	edit->before = text.text;
	edit->before_size = text.size;
	return 0;
}

/* The edit of this file that there is already; null: none. */
static struct edit *earlier(const struct edits *edits, const char *path)
{
	for (size_t i = 0; i < edits->count; i++)
		if (strcmp(edits->list[i].path, path) == 0)
			return (struct edit *)&edits->list[i];
	return NULL;
}

/* As load, but with what an earlier edit has made of it. */
static int load_edited(struct edits *edits, struct edit *edit, const char *path,
		       struct error *error)
{
	if (load(edit, path, error) != 0)
		return -1;
	const struct edit *before = earlier(edits, edit->path);
	if (before == NULL)
		return 0;
	free(edit->before);
	edit->before = strdup(before->after);
	edit->before_size = before->after_size;
	return edit->before != NULL ? 0 : error_set(error, "out of memory");
}

/* One file is one edit, however often it is changed. */
static int keep(struct edits *edits, const struct edit *edit, struct error *error)
{
	struct edit *before = earlier(edits, edit->path);
	if (before != NULL) {
		free(before->after);
		before->after = edit->after;
		before->after_size = edit->after_size;
		free(edit->before);
		return 0;
	}
	if (edits->count == EDITS) {
		free(edit->before);
		free(edit->after);
		return error_set(error, "too many files are to be changed");
	}
	edits->list[edits->count++] = *edit;
	return 0;
}

/* Takes the edit in: the text from at to end becomes what is given; or drops it, if that is no change. */
static int put_in(struct edits *edits, struct edit *edit, size_t at, size_t end, const char *with,
		  struct error *error)
{
	size_t size = strlen(with), tail = edit->before_size - end;
	edit->after = malloc(at + size + tail + 1);
	if (edit->after == NULL) {
		free(edit->before);
		return error_set(error, "out of memory");
	}
	memcpy(edit->after, edit->before, at);
	memcpy(edit->after + at, with, size);
	memcpy(edit->after + at + size, edit->before + end, tail);
	edit->after_size = at + size + tail;
	edit->after[edit->after_size] = '\0';
	if (edit->after_size == edit->before_size &&
	    memcmp(edit->after, edit->before, edit->after_size) == 0) {
		free(edit->before);
		free(edit->after);
		return 0;
	}
	return keep(edits, edit, error);
}

/* ---- a section of the configuration */

/* layout_scan blanks comments, so it gets a copy, ended by a line's end as config_read ends it. */
static int scan(struct layout *layout, const struct edit *edit, struct error *error)
{
	char *copy = malloc(edit->before_size + 2);
	if (copy == NULL)
		return error_set(error, "out of memory");
	memcpy(copy, edit->before, edit->before_size);
	copy[edit->before_size] = '\n';
	copy[edit->before_size + 1] = '\0';
	int result = layout_scan(layout, copy, edit->before_size + 1, edit->path, error);
	free(copy);
	return result;
}

int edits_section(struct edits *edits, const char *path, const char *word, const char *section,
		  struct error *error)
{
	struct layout layout;
	struct edit edit;
	size_t length = strlen(word);
	char *added = NULL;
	if (load_edited(edits, &edit, path, error) != 0)
		return -1;
	if (scan(&layout, &edit, error) != 0) {
		free(edit.before);
		return -1;
	}
	for (size_t i = 0; i < layout.n; i++)
		if (strncmp(layout.entries[i].key, word, length) == 0 &&
		    (layout.entries[i].key[length] == ' ' ||
		     layout.entries[i].key[length] == '\0') &&
		    layout.entries[i].end > 0)
			return put_in(edits, &edit, layout.entries[i].at, layout.entries[i].end,
				      section, error);
	bool ended = edit.before_size == 0 || edit.before[edit.before_size - 1] == '\n';
	if (asprintf(&added, "%s%s\n", ended ? "" : "\n", section) < 0) {
		free(edit.before);
		return error_set(error, "out of memory");
	}
	int result = put_in(edits, &edit, edit.before_size, edit.before_size, added, error);
	free(added);
	return result;
}

/* ---- a block of lines */

/* Where the first line from here on begins that begins so; null: none does. */
static const char *find_line(const char *text, const char *beginning)
{
	while (text != NULL && strncmp(text, beginning, strlen(beginning)) != 0) {
		text = strchr(text, '\n');
		text = text == NULL ? NULL : text + 1;
	}
	return text;
}

/* Where the block is; else where it is to be, with nothing in it. */
static void find_block(const char *text, const char *after, const char *before, size_t *at,
		       size_t *end)
{
	const char *begin = find_line(text, EDITS_MARK);
	const char *last = begin == NULL ? NULL : find_line(begin, END);
	if (last != NULL) {
		*at = (size_t)(begin - text);
		*end = (size_t)(last - text) + strlen(END);
		return;
	}
	const char *place = after == NULL ? NULL : find_line(text, after);
	place = place == NULL ? NULL : find_line(place, before);
	*at = *end = place == NULL ? strlen(text) : (size_t)(place - text);
}

int edits_block(struct edits *edits, const char *path, const char *lines, const char *after,
		const char *before, struct error *error)
{
	struct edit edit;
	char *block = NULL;
	size_t at, end;
	if (load(&edit, path, error) != 0)
		return -1;
	find_block(edit.before, after, before, &at, &end);
	bool in_line = at > 0 && edit.before[at - 1] != '\n';
	if (lines == NULL)
		block = strdup("");
	else if (asprintf(&block, "%s" BEGIN "%s" END, in_line ? "\n" : "", lines) < 0)
		block = NULL;
	if (block == NULL) {
		free(edit.before);
		return error_set(error, "out of memory");
	}
	int result = put_in(edits, &edit, at, end, block, error);
	free(block);
	return result;
}

/* ---- a whole file */

static int put_new(struct edits *edits, const char *path, const char *text, struct error *error)
{
	struct edit edit = {.like = {.st_uid = geteuid(), .st_gid = getegid(), .st_mode = 0644}};
	edit.after = strdup(text);
	edit.after_size = strlen(text);
	if (edit.after == NULL || strlen(path) >= sizeof edit.path) {
		free(edit.after);
		return error_set(error, "%s: too long a path, or out of memory", path);
	}
	memcpy(edit.path, path, strlen(path) + 1);
	return keep(edits, &edit, error);
}

int edits_file(struct edits *edits, const char *path, const char *text, struct error *error)
{
	struct edit edit;
	size_t before = edits->count;
	if (access(path, F_OK) != 0)
		return text == NULL ? 0 : put_new(edits, path, text, error);
	if (load(&edit, path, error) != 0 ||
	    put_in(edits, &edit, 0, edit.before_size, text == NULL ? "" : text, error) != 0)
		return -1;
	if (text == NULL && edits->count > before) {
		free(edits->list[before].after);
		edits->list[before].after = NULL;
	}
	return 0;
}

char *edits_text(const char *path, struct error *error)
{
	struct edit edit;
	if (access(path, F_OK) != 0)
		return strdup("");
	return load(&edit, path, error) == 0 ? edit.before : NULL;
}

bool edits_has(const char *path, const char *words)
{
	char *text = edits_text(path, NULL);
	bool has = text != NULL && strstr(text, words) != NULL;
	free(text);
	return has;
}

bool edits_found(const char *path, const char *line)
{
	struct edit edit;
	if (load(&edit, path, NULL) != 0)
		return false;
	bool found = find_line(edit.before, line) != NULL;
	free(edit.before);
	return found;
}

/* ---- making them */

static int write_one(const struct edit *edit, const char *text, size_t size, mode_t mode,
		     struct error *error)
{
	struct stat like = edit->like;
	if (text == NULL)
		return unlink(edit->path) == 0 || errno == ENOENT
			   ? 0
			   : error_set(error, "%s can't be removed: %s", edit->path,
				       strerror(errno));
	if (mode != 0)
		like.st_mode = mode;
	return file_replace(edit->path, text, size, &like, true, error);
}

int edits_make(struct edits *edits, struct error *error)
{
	struct error unwanted;
	for (size_t i = 0; i < edits->count; i++) {
		struct edit *edit = &edits->list[i];
		if (write_one(edit, edit->after, edit->after_size, edit->mode, error) == 0)
			continue;
		edits_undo(edits, &unwanted);
		return -1;
	}
	return 0;
}

/* Are both none, or the same? */
static bool same(const char *a, size_t a_size, const char *b, size_t b_size)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a_size == b_size && memcmp(a, b, a_size) == 0;
}

/* How the file reads now. 0, or -1: it can't be read. */
static int compare(const struct edit *edit, bool *before, bool *after, struct error *error)
{
	struct edit now = {0};
	if (access(edit->path, F_OK) == 0 && load(&now, edit->path, error) != 0)
		return -1;
	*before = same(now.before, now.before_size, edit->before, edit->before_size);
	*after = same(now.before, now.before_size, edit->after, edit->after_size);
	free(now.before);
	return 0;
}

bool edits_is_made(const struct edit *edit)
{
	bool before, after;
	return compare(edit, &before, &after, NULL) == 0 && after;
}

/* A later hand's work is not thrown away: what no longer reads as we left it stays. */
static int undo_one(const struct edit *edit, struct error *error)
{
	bool before, after;
	if (compare(edit, &before, &after, error) != 0)
		return -1;
	if (before)
		return 0;
	if (!after)
		return error_set(error, "%s was changed by somebody else meanwhile", edit->path);
	return write_one(edit, edit->before, edit->before_size, 0, error);
}

int edits_undo(struct edits *edits, struct error *error)
{
	int result = 0;
	for (size_t i = edits->count; i-- > 0;)
		if (undo_one(&edits->list[i], error) != 0)
			result = -1;
	return result;
}
