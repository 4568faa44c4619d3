/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main for a fuzz target in `make check`: feeds it every file of its corpus and prints TAP. The
 * folder is $srcdir/tests/fuzz/corpus/X for a program fuzz-X, or the argument. A corpus that is
 * missing or empty fails, as does an input on which the target's own assertions do. Empty with
 * FUZZ_ENGINE, where libFuzzer brings its own main.
 */
#ifndef FUZZ_ENGINE
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* tests/fuzz/fuzz-token -> token */
static const char *target_name(void)
{
	const char *program = program_invocation_short_name;
	const char *name = strstr(program, "fuzz-");

	return name == NULL ? program : name + strlen("fuzz-");
}

static _Noreturn void bail_out(const char *what, const char *path)
{
	printf("Bail out! %s: ", what);
	fflush(stdout);
	perror(path);
	exit(1);
}

/* The file in memory of just its size, so that a read beyond it is found by a sanitizer. */
static void feed(const char *path)
{
	struct stat status;
	FILE *file = fopen(path, "rb");

	if (file == NULL || fstat(fileno(file), &status) < 0)
		bail_out("cannot open", path);
	size_t size = (size_t)status.st_size;
	uint8_t *data = malloc(size > 0 ? size : 1);
	if (data == NULL || fread(data, 1, size, file) != size)
		bail_out("cannot read", path);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_input, alphasort);

	if (count < 0)
		bail_out("cannot list", folder);
	for (int i = 0; i < count; i++) {
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
		fprintf(stderr, "# %s\n", path); /* the last one is who failed */
		feed(path);
		free(entries[i]);
	}
	free(entries);
	return count;
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	const char *name = target_name();
	char folder[2048];

	if (argc > 1)
		snprintf(folder, sizeof folder, "%s", argv[1]);
	else
		snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s",
			 srcdir == NULL ? "." : srcdir, name);
	int count = replay(folder);
	printf("1..1\n%s 1 - %s: %d inputs\n", count > 0 ? "ok" : "not ok", name, count);
	return count > 0 ? 0 : 1;
}

#endif
