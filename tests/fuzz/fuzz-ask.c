/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon answers on the control socket; sshd reads it as root, through PAM, and who
 * answers could have been taken over. The input is all that the peer says before it hangs up: the
 * lines that are handed on, and the result, are what a reference finds in it. The first byte says
 * after how many lines there is enough.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask.h"
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size);

enum { MOST = 32768 }; /* fits a socket's buffer, so that nobody must read meanwhile */

static struct {
	const uint8_t *data;
	size_t size;
	int fd;
} peer;

/* ask's connect gets one end of a pair, into whose other end all of the answer went already. */
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size)
{
	int ends[2];

	(void)address;
	(void)size;
	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	assert(peer.size == 0 || write(ends[1], peer.data, peer.size) == (ssize_t)peer.size);
	assert(shutdown(ends[1], SHUT_WR) == 0);
	assert(dup2(ends[0], fd) == fd && fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	close(ends[0]);
	peer.fd = ends[1];
	return 0;
}

struct taken {
	const uint8_t *at; /* of the input: where the next line must be from */
	unsigned lines, most;
};

static bool take(void *context, const char *line)
{
	struct taken *taken = context;
	size_t length = strlen(line);
	char reason[CHECK_REASON];

	assert(length > 0 && length < ASK_LINE);
	assert(check_read(reason, line) == (strncmp(line, "yes key=", 8) == 0));
	assert(strspn(reason, "abcdefghijklmnopqrstuvwxyz-") == strlen(reason));
	assert(memcmp(taken->at, line, length) == 0 && taken->at[length] == '\n');
	taken->at += length + 1;
	return ++taken->lines != taken->most;
}

/* The length of the line at the beginning, or -1: none, too long, or not of text. */
static long line_length(const uint8_t *at, size_t left)
{
	const uint8_t *end = memchr(at, '\n', left);

	if (end == NULL || end - at >= ASK_LINE)
		return -1;
	for (const uint8_t *c = at; c < end; c++)
		if (*c < ' ' || *c > '~')
			return -1;
	return end - at;
}

static enum ask_result reference(const uint8_t *data, size_t size, unsigned most, unsigned *lines)
{
	size_t at = 0;

	for (*lines = 0; at < size; ++*lines) {
		long length = line_length(data + at, size - at);
		if (length < 0)
			return ASK_BROKEN;
		at += (size_t)length + 1;
		if (length == 0)
			return ASK_OK;
		if (*lines + 1 == most) {
			++*lines;
			return ASK_OK;
		}
	}
	return ASK_BROKEN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = {.text = ""};
	unsigned expected_lines;

	if (size < 1 || size > MOST)
		return 0;
	struct taken taken = {.at = data + 1, .most = data[0]};
	peer.data = data + 1;
	peer.size = size - 1;
	enum ask_result expected = reference(peer.data, peer.size, taken.most, &expected_lines);
	enum ask_result result =
	    ask("/control.sock", "status", 5000, getuid(), take, &taken, &error);
	assert(result == expected);
	assert(taken.lines == expected_lines);
	assert((error.text[0] != '\0') == (result != ASK_OK));
	close(peer.fd);
	return 0;
}
