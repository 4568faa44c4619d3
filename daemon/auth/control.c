/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answers.h"
#include "log.h"

enum { CROWD = 4 * CONTROL_SLOTS };
enum { PAUSE_MS = 200 }; /* where the system has no descriptor or no memory for a connection */

enum state { FREE, READING, WAITING, ANSWERING };

/* progress_ms: when it last asked a question or took some of the answer. Bytes of half a line are no
 * progress: one a second would hold the place for ever. */
struct connection {
	int fd;
	uid_t uid;
	enum state state;
	uint64_t progress_ms;
	struct answer answer;
	size_t n_in, out_at, n_out;
	char in[ASK_LINE], out[ANSWERS_PAGE];
};

static int listener = -1;
static struct connection connections[CONTROL_SLOTS];
static uint64_t durable;  /* the store's last ticket that is */
static uint64_t again_ms; /* nobody is accepted before; 0: at once */

void control_start(int socket)
{
	listener = socket;
	fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
	memset(connections, 0, sizeof connections);
	durable = again_ms = 0;
}

static void drop(struct connection *connection)
{
	close(connection->fd);
	connection->state = FREE;
}

void control_end(void)
{
	for (size_t i = 0; i < CONTROL_SLOTS; i++)
		if (connections[i].state != FREE)
			drop(&connections[i]);
}

static short events_of(const struct connection *connection)
{
	switch (connection->state) {
	case READING:
		return POLLIN;
	case ANSWERING:
		return POLLOUT;
	case WAITING:
		return answers_wait(&connection->answer, durable) ? 0 : POLLOUT;
	case FREE:
		break;
	}
	return 0;
}

size_t control_poll(struct pollfd *polls)
{
	size_t count = 0;

	polls[count++] = (struct pollfd){.fd = again_ms == 0 ? listener : -1, .events = POLLIN};
	for (size_t i = 0; i < CONTROL_SLOTS; i++)
		if (connections[i].state != FREE)
			polls[count++] = (struct pollfd){.fd = connections[i].fd,
							 .events = events_of(&connections[i])};
	return count;
}

static bool watches(const struct connection *connection)
{
	return connection->state >= WAITING && connection->answer.error == NULL &&
	       connection->answer.verb == QUESTION_WATCH;
}

/* Of those that watch, or of the others, the one to put out for somebody with this uid: rather not
 * root, and who made no progress for longest. Null: there is none. */
static struct connection *victim(bool watching, uid_t uid)
{
	struct connection *worst = NULL;

	for (size_t i = 0; i < CONTROL_SLOTS; i++) {
		struct connection *c = &connections[i];
		if (c->state == FREE || watches(c) != watching || (c->uid == 0 && uid != 0))
			continue;
		if (worst == NULL || (worst->uid == 0 && c->uid != 0) ||
		    ((worst->uid == 0) == (c->uid == 0) && c->progress_ms < worst->progress_ms))
			worst = c;
	}
	return worst;
}

/* A free place, or one that somebody else must leave. Null: there is none for this uid. */
static struct connection *place(uid_t uid)
{
	for (size_t i = 0; i < CONTROL_SLOTS; i++)
		if (connections[i].state == FREE)
			return &connections[i];
	struct connection *connection = victim(false, uid);
	if (connection != NULL)
		drop(connection);
	return connection;
}

/* Whoever waits there is still there later; to look at once would be to look without an end. */
static void pause_accepting(const struct now *now)
{
	static struct log_limit limit = {.burst = 5, .period_ms = 60000};

	again_ms = now->boot_ms + PAUSE_MS;
	if (log_limit_pass(&limit, now->boot_ms))
		log_warn("no connection to the control socket can be accepted now: %s",
			 strerror(errno));
}

/* More than there are places, because root may stand behind a crowd; but others than the control
 * socket have work for the loop, too. */
static void accept_some(const struct now *now)
{
	for (int i = 0; i < CROWD; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd == -1) {
			if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
				pause_accepting(now);
			return;
		}
		struct ucred peer = {.uid = (uid_t)-1};
		socklen_t size = sizeof peer;
		getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
		struct connection *connection = place(peer.uid);
		if (connection == NULL) {
			close(fd);
			continue;
		}
		*connection = (struct connection){
		    .fd = fd, .uid = peer.uid, .state = READING, .progress_ms = now->boot_ms};
	}
}

/* A page at most, for then it is somebody else's turn. */
static void answer(struct connection *connection, const struct now *now)
{
	struct answer *what = &connection->answer;

	if (connection->out_at == connection->n_out) {
		if (answers_wait(what, durable)) {
			connection->state = WAITING;
			return;
		}
		connection->out_at = 0;
		connection->n_out = answers_more(what, connection->out, ANSWERS_PAGE, now);
	}
	ssize_t sent = send(connection->fd, connection->out + connection->out_at,
			    connection->n_out - connection->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent == -1) {
		if (errno != EAGAIN)
			drop(connection);
		return;
	}
	connection->out_at += (size_t)sent;
	connection->progress_ms = now->boot_ms;
	if (connection->out_at == connection->n_out && what->ended)
		drop(connection);
}

/* Somebody watches more, who is not counted yet: is there a place among those who do? Root may have
 * that of another. */
static bool may_watch(uid_t uid)
{
	size_t count = 0;

	for (size_t i = 0; i < CONTROL_SLOTS; i++)
		count += watches(&connections[i]);
	if (count < CONTROL_WATCHERS)
		return true;
	struct connection *other = victim(true, uid);
	if (uid != 0 || other->uid == 0)
		return false;
	drop(other);
	return true;
}

/* A line that is too long, or has a NUL in it, is never cut and never read in part. */
static void begin(struct connection *connection, bool whole, const struct now *now)
{
	struct answer *what = &connection->answer;

	if (whole)
		answers_begin(what, connection->in, connection->uid, now);
	else
		answers_refuse(what, "malformed");
	if (what->verb == QUESTION_WATCH && what->error == NULL && !may_watch(connection->uid))
		answers_refuse(what, "too-many");
	connection->progress_ms = now->boot_ms;
	connection->state = ANSWERING;
}

static void read_more(struct connection *connection, const struct now *now)
{
	char *free_at = connection->in + connection->n_in;
	ssize_t got = recv(connection->fd, free_at, sizeof connection->in - connection->n_in, 0);

	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			drop(connection);
		return;
	}
	connection->n_in += (size_t)got;
	char *end = memchr(free_at, '\n', (size_t)got);
	if (end == NULL && connection->n_in < sizeof connection->in)
		return;
	if (end != NULL)
		*end = '\0';
	begin(connection, end != NULL && strlen(connection->in) == (size_t)(end - connection->in),
	      now);
}

static void serve(struct connection *connection, short events, const struct now *now)
{
	if (connection->state == WAITING && !answers_wait(&connection->answer, durable))
		connection->state = ANSWERING;
	else if (connection->state == WAITING && (events & (POLLERR | POLLHUP)) != 0)
		drop(connection);
	else if (connection->state == READING && events != 0)
		read_more(connection, now);
	else if (connection->state == ANSWERING && events == 0)
		return;
	if (connection->state == ANSWERING)
		answer(connection, now);
}

static struct connection *owner(int fd)
{
	for (size_t i = 0; i < CONTROL_SLOTS; i++)
		if (connections[i].state != FREE && connections[i].fd == fd)
			return &connections[i];
	return NULL;
}

void control_serve(const struct pollfd *polls, size_t count, uint64_t done, const struct now *now)
{
	durable = done;
	if (now->boot_ms >= again_ms)
		again_ms = 0;
	/* Polls of connections first: a new one may get the number of one that is dropped. */
	for (size_t i = 1; i < count; i++) {
		struct connection *connection = owner(polls[i].fd);
		if (connection != NULL)
			serve(connection, polls[i].revents, now);
	}
	for (size_t i = 0; i < CONTROL_SLOTS; i++)
		if (connections[i].state != FREE && !watches(&connections[i]) &&
		    now->boot_ms - connections[i].progress_ms >= CONTROL_PATIENCE_MS)
			drop(&connections[i]);
	if (count > 0 && polls[0].revents != 0)
		accept_some(now);
}

uint64_t control_deadline(void)
{
	uint64_t earliest = UINT64_MAX;

	for (size_t i = 0; i < CONTROL_SLOTS; i++)
		if (connections[i].state != FREE && !watches(&connections[i]) &&
		    connections[i].progress_ms < earliest)
			earliest = connections[i].progress_ms;
	if (earliest != UINT64_MAX)
		earliest += CONTROL_PATIENCE_MS;
	return again_ms != 0 && again_ms < earliest ? again_ms : earliest;
}
