/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "carry.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One way. */
struct way {
	const char *name; /* of what is read, for errors */
	int from, to;
	size_t most;        /* to write at once without having to wait */
	bool ended, done;   /* nothing more to read; and all written, and the end handed on */
	size_t first, size; /* of what is to be written */
	uint8_t bytes[65536];
};

/* Nothing to do now; poll said otherwise, or a signal came. */
static bool later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static int fill(struct way *way, struct error *error)
{
	ssize_t size = read(way->from, way->bytes, sizeof way->bytes);
	if (size < 0)
		return later()
			   ? 0
			   : error_set(error, "%s can't be read: %s", way->name, strerror(errno));
	way->first = 0;
	way->size = (size_t)size;
	way->ended = size == 0;
	return 0;
}

/* Whoever read it has gone: then this way is over. */
static void drain(struct way *way)
{
	size_t size = way->size < way->most ? way->size : way->most;
	ssize_t written = write(way->to, way->bytes + way->first, size);
	if (written >= 0) {
		way->first += (size_t)written;
		way->size -= (size_t)written;
	} else if (!later())
		way->done = true;
}

/* So that the other side sees an end of file, and can go on talking where to is a socket. */
static void hand_on_end(struct way *way)
{
	shutdown(way->to, SHUT_WR);
	way->done = true;
}

/* A descriptor that nothing is wanted of is left out, or poll would tell of its end again and again. */
static void want(struct pollfd polls[static 2], const struct way *way)
{
	bool empty = way->size == 0;
	polls[0] = (struct pollfd){.fd = way->ended || way->done || !empty ? -1 : way->from,
				   .events = POLLIN};
	polls[1] = (struct pollfd){.fd = way->done ? -1 : way->to, .events = empty ? 0 : POLLOUT};
}

static int serve(struct way *way, const struct pollfd polls[static 2], struct error *error)
{
	int result = 0;
	if (polls[0].revents != 0)
		result = fill(way, error);
	if (way->size > 0 && polls[1].revents != 0)
		drain(way);
	else if (polls[1].revents != 0) /* no wish of ours: it broke */
		way->done = true;
	if (way->ended && way->size == 0 && !way->done)
		hand_on_end(way);
	return result;
}

/* With out closed, its reader sees the end; and a pipe, unlike a socket, knows no other way. The way up
 * goes on, unless nobody reads out any more: then there is no one to go on for. */
static bool down_is_over(struct way *down, bool *closed)
{
	if (!down->done || *closed)
		return false;
	close(down->to);
	*closed = true;
	return !down->ended;
}

static int run(struct way *up, struct way *down, struct error *error)
{
	bool closed = false;
	while (!up->done || !down->done) {
		struct pollfd polls[4];
		want(polls, up);
		want(polls + 2, down);
		if (poll(polls, 4, -1) < 0 && errno != EINTR)
			return error_set(error, "poll: %s", strerror(errno));
		if (serve(up, polls, error) != 0 || serve(down, polls + 2, error) != 0)
			return -1;
		if (down_is_over(down, &closed))
			return 0;
	}
	return 0;
}

int carry_run(int in, int out, int socket, struct error *error)
{
	/* A pipe that poll calls ready takes PIPE_BUF bytes; the socket does not block at all. */
	static struct way up = {.name = "standard input", .most = sizeof up.bytes};
	static struct way down = {.name = "the connection", .most = PIPE_BUF};
	up.from = in;
	up.to = down.from = socket;
	down.to = out;
	int result = run(&up, &down, error);
	close(socket);
	return result;
}
