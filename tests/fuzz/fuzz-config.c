/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as configuration: refused with one line of words, or read; then it prints as text that
 * reads as the same again.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_bytes(struct config *config, const void *data, size_t size, struct error *error)
{
	char path[32];
	int fd = memfd_create("config", MFD_CLOEXEC), result;

	assert(fd != -1);
	assert(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = config_read(config, path, error);
	close(fd);
	return result;
}

static void print_and_read(const struct config *config)
{
	static struct config again;
	struct error error;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert(file != NULL);
	config_print(config, file);
	fclose(file);
	assert(read_bytes(&again, text, size, &error) == 0);
	assert(memcmp(&again, config, sizeof(again)) == 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config;
	struct error error = {""};

	if (read_bytes(&config, data, size, &error) == 0) {
		assert(config.n_doors > 0 && config.n_doors <= CONFIG_DOORS);
		assert(config.n_sources > 0 && config.n_sources <= CONFIG_SOURCES);
		assert(config.grant_default_s > 0 && config.grant_default_s <= config.grant_max_s);
		print_and_read(&config);
	} else {
		assert(error.text[0] != '\0' && strpbrk(error.text, "\n\r\033") == NULL);
	}
	return 0;
}
