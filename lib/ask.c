/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define IS_IT_RUNNING "is posternd running? (systemctl status posternd)"

struct asking {
	int fd;
	const char *path;
	int64_t deadline_ms; /* by the monotonic clock; below 0: none */
	uid_t trusted;
	bool (*take)(void *context, const char *line);
	void *context;
	struct error *error;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* For poll: -1 = for ever. */
static int remaining_ms(const struct asking *asking)
{
	if (asking->deadline_ms < 0)
		return -1;
	int64_t left = asking->deadline_ms - now_ms();
	return left > 0 ? (int)left : 0;
}

static bool is_over(const struct asking *asking)
{
	return asking->deadline_ms >= 0 && now_ms() > asking->deadline_ms;
}

static enum ask_result no_daemon(struct asking *asking, const char *why)
{
	error_set(asking->error, "%s: %s", asking->path, why);
	return ASK_NO_DAEMON;
}

static enum ask_result cannot(struct asking *asking, const char *why)
{
	error_set(asking->error, "%s: %s", asking->path, why);
	return ASK_CANNOT;
}

static enum ask_result broken(struct asking *asking, const char *why)
{
	error_set(asking->error, "%s: %s; look for postern-auth in the log", asking->path, why);
	return ASK_BROKEN;
}

static enum ask_result timed_out(struct asking *asking)
{
	error_set(asking->error,
		  "%s: no answer in time; look for postern-auth in the log, or restart posternd",
		  asking->path);
	return ASK_TIMEOUT;
}

/* Waits until the socket can be read or written, or the time is over. */
static enum ask_result wait_for(struct asking *asking, short events)
{
	struct pollfd pollfd = {.fd = asking->fd, .events = events};

	for (;;) {
		int ready = poll(&pollfd, 1, remaining_ms(asking));
		/* Looked at even then: who never pauses must not talk for ever. */
		if (ready == 0 || is_over(asking))
			return timed_out(asking);
		if (ready > 0)
			return ASK_OK;
		if (errno != EINTR)
			return broken(asking, strerror(errno));
	}
}

static enum ask_result cannot_connect(struct asking *asking, int why)
{
	switch (why) {
	case ENOENT:
		return no_daemon(asking, "there is no such socket: " IS_IT_RUNNING);
	case ECONNREFUSED:
		return no_daemon(asking, "nobody listens there: " IS_IT_RUNNING);
	case EACCES:
		return cannot(asking,
			      "permission denied: ask as root or as one of the socket's group");
	default:
		return cannot(asking, strerror(why));
	}
}

/* With the listener's queue full, whoever waits in connect gets a place in the order in which they
 * came; who only tries again now and then, might never. Linux then says EAGAIN when time is over. */
static enum ask_result connect_in_time(struct asking *asking, const struct sockaddr_un *address)
{
	for (;;) {
		int left = remaining_ms(asking);
		if (left == 0)
			return timed_out(asking);
		struct timeval wait = {.tv_sec = left > 0 ? left / 1000 : 0,
				       .tv_usec = left > 0 ? left % 1000 * 1000 : 0};
		if (setsockopt(asking->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0)
			return no_daemon(asking, strerror(errno));
		if (connect(asking->fd, (const struct sockaddr *)address, sizeof *address) == 0)
			break;
		if (errno != EAGAIN && errno != EINTR)
			return cannot_connect(asking, errno);
	}
	return fcntl(asking->fd, F_SETFL, O_NONBLOCK) == 0 ? ASK_OK
							   : no_daemon(asking, strerror(errno));
}

/* Whose process called listen. Without either way of knowing this does not compile. */
#ifdef SO_PEERCRED
static int listener(int fd, uid_t *uid)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || size != sizeof peer)
		return -1;
	*uid = peer.uid;
	return 0;
}
#else
static int listener(int fd, uid_t *uid)
{
	gid_t gid;

	return getpeereid(fd, uid, &gid);
}
#endif

static enum ask_result check_listener(struct asking *asking)
{
	uid_t uid;

	if (listener(asking->fd, &uid) != 0)
		return cannot(asking, "cannot tell who listens there; nothing was asked");
	if (uid == asking->trusted)
		return ASK_OK;
	error_set(
	    asking->error,
	    "%s: uid %lu listens there, not %lu; nothing was asked: find out whose process that is",
	    asking->path, (unsigned long)uid, (unsigned long)asking->trusted);
	return ASK_CANNOT;
}

static enum ask_result send_all(struct asking *asking, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(asking->fd, text, size, MSG_NOSIGNAL);
		if (sent >= 0) {
			text += sent;
			size -= (size_t)sent;
		} else if (errno == EAGAIN) {
			enum ask_result result = wait_for(asking, POLLOUT);
			if (result != ASK_OK)
				return result;
		} else if (errno != EINTR) {
			return broken(asking, "it hung up before the question was out");
		}
	}
	return ASK_OK;
}

/* The answer as it comes in: what is not yet a whole line stays at the beginning. */
struct answer {
	char text[ASK_LINE];
	size_t used;
	bool ended; /* by an empty line, or by take */
};

/* Waits for more of the answer. *ended: the peer sends no more. */
static enum ask_result receive(struct asking *asking, struct answer *answer, bool *ended)
{
	for (;;) {
		enum ask_result result = wait_for(asking, POLLIN);
		if (result != ASK_OK)
			return result;
		ssize_t got = recv(asking->fd, answer->text + answer->used,
				   sizeof answer->text - answer->used, 0);
		if (got >= 0) {
			*ended = got == 0;
			answer->used += (size_t)got;
			return ASK_OK;
		}
		if (errno != EAGAIN && errno != EINTR)
			return broken(asking, "it hung up before its answer was out");
	}
}

static bool printable(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

/* Hands on the whole lines that are there. */
static enum ask_result take_lines(struct asking *asking, struct answer *answer)
{
	char *line = answer->text, *end;

	while (!answer->ended && (end = memchr(line, '\n', answer->used)) != NULL) {
		size_t size = (size_t)(end - line);
		if (!printable(line, size))
			return broken(asking, "its answer is not a line of text");
		*end = '\0';
		answer->ended = size == 0 || !asking->take(asking->context, line);
		answer->used -= size + 1;
		line = end + 1;
	}
	memmove(answer->text, line, answer->used);
	if (!answer->ended && answer->used == sizeof answer->text)
		return broken(asking, "its answer is longer than a line may be");
	return ASK_OK;
}

static enum ask_result hear(struct asking *asking)
{
	struct answer answer = {.used = 0};
	bool hung_up = false;

	while (!answer.ended && !hung_up) {
		enum ask_result result = receive(asking, &answer, &hung_up);
		if (result == ASK_OK)
			result = take_lines(asking, &answer);
		if (result != ASK_OK)
			return result;
	}
	if (!answer.ended)
		return broken(asking, "it hung up before its answer was out");
	return ASK_OK;
}

/* The line with its end; 0 where it is none: what is in a question is never more than one. */
static size_t question(char text[static ASK_LINE], const char *line)
{
	size_t size = strlen(line);

	if (size == 0 || size + 1 > ASK_LINE || !printable(line, size))
		return 0;
	memcpy(text, line, size);
	text[size] = '\n';
	return size + 1;
}

static enum ask_result converse(struct asking *asking, const struct sockaddr_un *address,
				const char *text, size_t size)
{
	enum ask_result result = connect_in_time(asking, address);

	if (result == ASK_OK)
		result = check_listener(asking);
	if (result == ASK_OK)
		result = send_all(asking, text, size);
	if (result == ASK_OK)
		result = hear(asking);
	return result;
}

enum ask_result ask(const char *path, const char *line, int timeout_ms, uid_t trusted,
		    bool (*take)(void *context, const char *line), void *context,
		    struct error *error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct asking asking = {.path = path,
				.deadline_ms = timeout_ms >= 0 ? now_ms() + timeout_ms : -1,
				.trusted = trusted,
				.take = take,
				.context = context,
				.error = error};
	char text[ASK_LINE];
	size_t size = question(text, line);

	if (size == 0) {
		error_set(error, "a question is one line of 1 to %d printable characters",
			  ASK_LINE - 1);
		return ASK_BROKEN;
	}
	if (strlen(path) >= sizeof address.sun_path)
		return cannot(&asking, "too long for the path of a socket");
	memcpy(address.sun_path, path, strlen(path) + 1);
	asking.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (asking.fd < 0)
		return cannot(&asking, strerror(errno));
	enum ask_result result = converse(&asking, &address, text, size);
	close(asking.fd);
	return result;
}
