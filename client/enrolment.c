/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "enrolment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "file.h"
#include "folder.h"

static int read_token(struct token *token, int fd, const char *what, struct error *error)
{
	struct file_text text;
	struct error why;
	int result = file_read(&text, fd, TOKEN_TEXT, what, error);
	if (result == 0 && text.size == 0)
		result = error_set(error, "%s is empty; a token was expected", what);
	else if (result == 0 && strlen(text.text) != text.size)
		result = error_set(error, "%s holds no text", what);
	else if (result == 0 && token_parse(token, text.text, &why) != 0)
		result = error_set(error, "%s: %s", what, why.text);
	file_free(&text);
	return result;
}

int enrolment_read(struct token *token, const char *path, bool check, struct error *error)
{
	if (path == NULL || strcmp(path, "-") == 0) {
		if (isatty(STDIN_FILENO))
			fputs("Paste the token, one line, and press Enter:\n", stderr);
		return read_token(token, STDIN_FILENO, "standard input", error);
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set(error, "%s: %s", path, strerror(errno));
	int result = check ? file_check_private(fd, path, error) : 0;
	if (result == 0)
		result = read_token(token, fd, path, error);
	close(fd);
	return result;
}

int enrolment_add(const struct token *token, bool replace, struct error *error)
{
	char path[PATH_MAX], text[TOKEN_TEXT + 1];
	if (folder_make(FOLDER_CONFIG, error) != 0 || folder_check(FOLDER_CONFIG, error) != 0 ||
	    folder_file(path, FOLDER_CONFIG, token->name, error) != 0)
		return -1;
	size_t size = token_print(text, token);
	text[size++] = '\n';
	int result = file_replace(path, text, size, NULL, replace, error);
	crypto_wipe(text, sizeof text);
	if (result != 0 && errno == EEXIST)
		error_set(error,
			  "%s is enrolled already: `postern remove %s` first, or add --replace",
			  token->name, token->name);
	return result;
}

/* The saved one of exactly this name. 1: there is none. */
static int load(struct token *token, const char *name, struct error *error)
{
	char path[PATH_MAX];
	if (!name_valid(name))
		return 1;
	if (folder_check(FOLDER_CONFIG, error) != 0 ||
	    folder_file(path, FOLDER_CONFIG, name, error) != 0)
		return -1;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return 1;
	return enrolment_read(token, path, true, error);
}

bool enrolment_is(const struct token *token, const char *name)
{
	struct address a, b;
	if (strcmp(token->name, name) == 0 || strcasecmp(token->host, name) == 0)
		return true;
	return address_parse(&a, token->host) == 0 && address_parse(&b, name) == 0 &&
	       address_equal(&a, &b);
}

struct search {
	const char *host;
	struct token *token;
	unsigned found;
	char names[200]; /* of those found, for the error */
};

static bool look_at(void *context, const char *name, const struct token *token,
		    const struct error *wrong)
{
	struct search *search = context;
	(void)wrong; /* `postern list` tells what is wrong with that one */
	if (token == NULL || !enrolment_is(token, search->host))
		return true;
	size_t used = strlen(search->names);
	snprintf(search->names + used, sizeof search->names - used, "%s%s", used > 0 ? ", " : "",
		 name);
	if (search->found++ == 0)
		*search->token = *token;
	return true;
}

int enrolment_find(struct token *token, const char *name, struct error *error)
{
	int result = load(token, name, error);
	if (result != 1)
		return result;
	struct search search = {.host = name, .token = token};
	if (enrolment_each(look_at, &search, error) != 0)
		return -1;
	if (search.found == 1)
		return 0;
	crypto_wipe(token, sizeof *token);
	if (search.found > 1)
		return error_set(error, "several enrolments are for %s; name one of: %s", name,
				 search.names);
	return error_set(error, "no enrolment has the name or host %s; `postern list` shows all",
			 name);
}

static int is_enrolment(const struct dirent *entry)
{
	return name_valid(entry->d_name);
}

static bool each_one(bool (*take)(void *context, const char *name, const struct token *token,
				  const struct error *wrong),
		     void *context, const char *name)
{
	struct token token;
	struct error wrong;
	int result = load(&token, name, &wrong);
	bool more = result == 1 || take(context, name, result == 0 ? &token : NULL, &wrong);
	crypto_wipe(&token, sizeof token);
	return more;
}

int enrolment_each(bool (*take)(void *context, const char *name, const struct token *token,
				const struct error *wrong),
		   void *context, struct error *error)
{
	char path[PATH_MAX];
	struct dirent **entries;
	if (folder_path(path, FOLDER_CONFIG, error) != 0 || folder_check(FOLDER_CONFIG, error) != 0)
		return -1;
	int count = scandir(path, &entries, is_enrolment, alphasort);
	if (count < 0)
		return errno == ENOENT ? 0 : error_set(error, "%s: %s", path, strerror(errno));
	bool more = true;
	for (int i = 0; i < count; i++) {
		more = more && each_one(take, context, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

int enrolment_remove(const char *name, uint32_t *id, struct error *error)
{
	char path[PATH_MAX];
	struct token token;
	if (!name_valid(name))
		return error_set(error, "%s is not a name that an enrolment can have", name);
	if (folder_file(path, FOLDER_CONFIG, name, error) != 0)
		return -1;
	*id = load(&token, name, NULL) == 0 ? token.who.id : 0;
	crypto_wipe(&token, sizeof token);
	if (unlink(path) == 0)
		return 0;
	if (errno == ENOENT)
		return error_set(error, "no enrolment has the name %s; `postern list` shows all",
				 name);
	return error_set(error, "%s can't be removed: %s", path, strerror(errno));
}
