/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyfile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much room the text wants, with a byte more to see that it has ended. */
static size_t room_for(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size >= 0 &&
	    status.st_size < KEYFILE_MOST)
		return (size_t)status.st_size + 1;
	return KEYFILE_MOST + 1;
}

/* -1: it cannot be read, or is longer than room. */
static ssize_t read_whole(int fd, char *text, size_t room, struct error *error)
{
	size_t size = 0;

	lseek(fd, 0, SEEK_SET); /* an earlier process may have read it; a pipe does not mind */
	while (size < room) {
		ssize_t got = read(fd, text + size, room - size);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return error_set(error, "the key file cannot be read: %s", strerror(errno));
		if (got == 0)
			return (ssize_t)size;
		size += (size_t)got;
	}
	return error_set(error, "the key file grew while it was read, or is over %d bytes",
			 KEYFILE_MOST);
}

int keyfile_read(struct keys *keys, int fd, struct error *error)
{
	size_t room = room_for(fd);
	char *text = malloc(room);
	int result = -1;

	memset(keys, 0, sizeof *keys);
	if (text == NULL)
		return error_set(error, "no memory for the key file");
	ssize_t size = read_whole(fd, text, room, error);
	if (size >= 0)
		result = keys_parse(keys, text, (size_t)size, error);
	crypto_wipe(text, room);
	free(text);
	return result;
}
