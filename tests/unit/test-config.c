/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each tests/conf/NAME.in is read. With NAME.ok beside it, it is printed like that, and what was
 * printed reads as the same configuration again; with NAME.err, that is the error.
 */
#include "build.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

static int tests;

static void result(int right, const char *what, const char *name)
{
	printf("%sok %d - %s %s\n", right ? "" : "not ", ++tests, name, what);
}

/* The whole file, or the empty string. */
static const char *content(const char *path)
{
	static char text[65536];
	FILE *file = fopen(path, "re");
	size_t size = file == NULL ? 0 : fread(text, 1, sizeof(text) - 1, file);

	text[size] = '\0';
	if (file != NULL)
		fclose(file);
	return text;
}

static void is_printed(const struct config *config, const char *name, const char *ok)
{
	static struct config again;
	char path[] = "/tmp/postern-test-XXXXXX", printed[16384];
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w+");
	struct error error = {""};
	size_t size;

	config_print(config, file);
	rewind(file);
	size = fread(printed, 1, sizeof(printed) - 1, file);
	printed[size] = '\0';
	if (strcmp(printed, content(ok)) != 0)
		printf("# printed:\n%s", printed);
	result(strcmp(printed, content(ok)) == 0, "prints as it should", name);
	result(config_read(&again, path, &error) == 0 && memcmp(&again, config, sizeof(again)) == 0,
	       "prints what reads the same", name);
	fclose(file);
	unlink(path);
}

/* What needs a library that this was built without: refused for that, whatever else is in it. */
static bool needs_more(const char *name, const struct error *error)
{
#ifndef HAVE_PCAP
	if (strncmp(name, "pcap", 4) == 0)
		return strstr(error->text, "\"source pcap\" is not built in") != NULL;
#endif
#ifndef HAVE_PCRE2
	if (strncmp(name, "log-pattern", 11) == 0)
		return strstr(error->text, "built without libpcre2") != NULL;
#endif
#ifndef HAVE_LIBIPSET
	if (strncmp(name, "ipset", 5) == 0)
		return strstr(error->text, "\"firewall ipset\" is not built in") != NULL;
#endif
#ifndef HAVE_LIBNFTABLES
	if (strncmp(name, "nft", 3) == 0)
		return strstr(error->text, "\"firewall nft\" is not built in") != NULL;
#endif
	(void)name;
	(void)error;
	return false;
}

static void try_file(const char *name)
{
	static struct config config;
	struct error error = {""};
	char ok[300], err[300], wanted[400];
	int status = config_read(&config, name, &error);

	if (needs_more(name, &error)) {
		result(status == -1, "is refused for what is not built in", name);
		return;
	}
	snprintf(ok, sizeof(ok), "%.*s.ok", (int)strlen(name) - 3, name);
	snprintf(err, sizeof(err), "%.*s.err", (int)strlen(name) - 3, name);
	if (access(ok, R_OK) == 0) {
		printf("# %s\n", error.text);
		result(status == 0, "is right", name);
		is_printed(&config, name, ok);
		return;
	}
	snprintf(wanted, sizeof(wanted), "%.390s", content(err));
	wanted[strcspn(wanted, "\n")] = '\0';
	if (strcmp(error.text, wanted) != 0)
		printf("# %s\n", error.text);
	result(status == -1 && strcmp(error.text, wanted) == 0, "is refused", name);
}

static int is_input(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && strcmp(dot, ".in") == 0;
}

static void without_a_file(void)
{
	static struct config config;
	struct error error = {""};

	result(config_read(&config, "nowhere.conf", &error) == -1 &&
		   strstr(error.text, "nowhere.conf: ") == error.text,
	       "is refused", "a file that is not there");
	result(config_read(&config, "nowhere.conf", NULL) == -1, "is refused", "the same, untold");
}

static void lists_options(void)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	config_print_options(file);
	fclose(file);
	result(strstr(text, "grant          max       span    1h ") != NULL &&
		   strstr(text, "-              doors     doors   tcp/22") != NULL,
	       "lists options", "the table");
	free(text);
}

int main(void)
{
	const char *srcdir = getenv("srcdir");
	char folder[4096];
	struct dirent **entries;
	int n;

	snprintf(folder, sizeof(folder), "%s/tests/conf", srcdir == NULL ? "." : srcdir);
	if (chdir(folder) == -1 || (n = scandir(".", &entries, is_input, alphasort)) <= 0) {
		puts("Bail out! tests/conf is missing");
		return 1;
	}
	for (int i = 0; i < n; i++) {
		try_file(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	without_a_file();
	lists_options();
	printf("1..%d\n", tests);
	return 0;
}
