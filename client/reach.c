/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "knocking.h"
#include "say.h"
#include "when.h"

enum {
	APART_MS = 250,    /* one address after the other */
	AGAIN_MS = 1000,   /* a new knock: the server accepts one a second from a key */
	ATTEMPT_MS = 2500, /* that long an attempt may be on its way */
	SPA_KNOCKS = 3,    /* then by sequence as well, in turn */
	ATTEMPTS = 128
};

/* After a knock, in milliseconds: doubling, so that whoever is near is in at once, and whoever is far
 * leaves few attempts behind. */
static const unsigned try_after[] = {10, 40, 100, 220, 470, 900};
enum { TRIES = sizeof try_after / sizeof *try_after };

/* The way to one address. */
struct way {
	const struct send_target *target;
	unsigned knocks, tries; /* tries since the last knock */
	int64_t knocked_ms, knock_ms;
};

struct attempt {
	int fd;
	int64_t until_ms;
};

struct search {
	const struct reach *reach;
	struct way ways[SEND_TARGETS];
	struct attempt attempts[ATTEMPTS]; /* oldest first */
	unsigned n_attempts;
	int64_t deadline_ms;
	int why; /* errno of the last attempt that was answered with no, or 0 */
};

static void forget(struct search *search, unsigned i)
{
	search->n_attempts--;
	memmove(&search->attempts[i], &search->attempts[i + 1],
		(search->n_attempts - i) * sizeof *search->attempts);
}

/* With a reset where it is connected after all: the server need not wait for anything. */
static void give_up(struct search *search, unsigned i)
{
	struct linger reset = {.l_onoff = 1};
	setsockopt(search->attempts[i].fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(search->attempts[i].fd);
	forget(search, i);
}

static void begin_attempt(struct search *search, const struct way *way, int64_t now_ms)
{
	int fd = send_connect(way->target, search->reach->door.port);
	if (fd < 0) {
		search->why = errno;
		return;
	}
	if (search->n_attempts == ATTEMPTS)
		give_up(search, 0);
	search->attempts[search->n_attempts++] = (struct attempt){fd, now_ms + ATTEMPT_MS};
}

/* What did not arrive as a single packet may do so as a sequence, unless the user has chosen. */
static enum carrier choose_carrier(const struct wish *wish, unsigned knocks)
{
	bool other = !wish->carrier_given && wish->carrier == CARRIER_SPA &&
		     carrier_taken(CARRIER_TCP, &wish->token);
	return other && knocks >= SPA_KNOCKS && (knocks - SPA_KNOCKS) % 2 == 0 ? CARRIER_TCP
									       : wish->carrier;
}

static int knock(struct search *search, struct way *way)
{
	const struct wish *wish = search->reach->wish;
	struct knocking one;
	struct error error;
	uint64_t time_ms;
	int code = knocking_take_times(wish, 1, &time_ms);
	if (code == SAY_DONE)
		code = knocking_make(&one, wish, way->target, &search->reach->door,
				     choose_carrier(wish, way->knocks), time_ms);
	if (code != SAY_DONE)
		return code;
	if (knocking_send(&one, &error) != 0 && wish->verbose)
		say(SAY_DONE, "%s", error.text);
	way->knocks++;
	way->tries = 0;
	way->knocked_ms = clock_steady_ms(); /* a paced sequence takes its time */
	way->knock_ms = way->knocked_ms + AGAIN_MS;
	if (search->deadline_ms == 0)
		search->deadline_ms = way->knocked_ms + wish->wait_ms;
	return SAY_DONE;
}

/* When it is this way's turn again. */
static int64_t turn_of(const struct way *way)
{
	int64_t try_ms = way->knocks > 0 && way->tries < TRIES
			     ? way->knocked_ms + try_after[way->tries]
			     : INT64_MAX;
	return try_ms < way->knock_ms ? try_ms : way->knock_ms;
}

/* Does what is due, and tells when there is more to do. */
static int walk(struct search *search, int64_t *next_ms)
{
	for (size_t i = 0; i < search->reach->n_targets; i++) {
		struct way *way = &search->ways[i];
		int64_t now_ms = clock_steady_ms();
		int code = SAY_DONE;
		if (now_ms >= way->knock_ms)
			code = knock(search, way);
		else if (now_ms >= turn_of(way)) {
			way->tries++;
			begin_attempt(search, way, now_ms);
		}
		if (code != SAY_DONE)
			return code;
		int64_t turn_ms = turn_of(way);
		*next_ms = turn_ms < *next_ms ? turn_ms : *next_ms;
	}
	return SAY_DONE;
}

/* Is this one connected? Else it is forgotten, if it failed or is too old. */
static bool look_at(struct search *search, unsigned i, const struct pollfd *poll, int64_t now_ms)
{
	int why = 0;
	socklen_t size = sizeof why;
	if (poll->revents == 0) {
		if (now_ms >= search->attempts[i].until_ms)
			give_up(search, i);
		return false;
	}
	if (getsockopt(poll->fd, SOL_SOCKET, SO_ERROR, &why, &size) == 0 && why == 0)
		return true;
	search->why = why;
	give_up(search, i);
	return false;
}

/* The descriptor of the first that is connected, which is no attempt any more; or -1. */
static int look(struct search *search, int64_t next_ms)
{
	struct pollfd polls[ATTEMPTS];
	unsigned n_polls = search->n_attempts;
	int64_t left_ms = next_ms - clock_steady_ms();
	for (unsigned i = 0; i < n_polls; i++)
		polls[i] = (struct pollfd){.fd = search->attempts[i].fd, .events = POLLOUT};
	if (poll(polls, n_polls, left_ms > 0 ? (int)left_ms : 0) < 0)
		return -1;
	int64_t now_ms = clock_steady_ms();
	for (unsigned i = n_polls; i-- > 0;)
		if (look_at(search, i, &polls[i], now_ms)) {
			forget(search, i);
			return polls[i].fd;
		}
	return -1;
}

/* The wire tells nothing; so everything that it can be, with what is known here. */
static int tell_failure(const struct search *search)
{
	const struct wish *wish = search->reach->wish;
	const struct send_target *target = search->ways[0].target;
	char door[DOOR_TEXT], server[ADDRESS_TEXT], source[ADDRESS_TEXT],
	    others[32] = "", moment[WHEN_MOMENT_TEXT], bound[160], answer[128] = "";
	door_print(door, &search->reach->door);
	address_print(server, &target->server);
	address_print(source, &target->source);
	if (search->reach->n_targets > 1)
		snprintf(others, sizeof others, " and %zu more", search->reach->n_targets - 1);
	if (search->why != 0)
		snprintf(answer, sizeof answer, " (an attempt to connect was answered: %s)",
			 strerror(search->why));
	when_moment_print(moment,
			  (uint64_t)((int64_t)clock_now_ms() + wish->offset_ms) / 1000 * 1000);
	if (target->bound)
		snprintf(bound, sizeof bound,
			 "the source address: the knock is bound to %s, and behind NAT the server "
			 "sees another (--source)",
			 source);
	else
		snprintf(bound, sizeof bound,
			 "the source address: knocks went out unbound, from %s", source);
	return say(
	    SAY_FAILED,
	    "%s of %s (%s%s) did not answer after %u knock%s%s; the server tells nobody why. "
	    "It can be the clock: this machine takes it to be %s (--clock-offset); or %s; or "
	    "the network, where it lets no knock through (--via) or is not one that the key "
	    "may be used from; or the key, if it may not open %s",
	    door, wish->token.host, server, others, search->ways[0].knocks,
	    search->ways[0].knocks == 1 ? "" : "s", answer, moment, bound, door);
}

static int run(struct search *search, int *fd)
{
	for (;;) {
		int64_t next_ms = INT64_MAX;
		int code = walk(search, &next_ms);
		if (code != SAY_DONE)
			return code;
		bool over = clock_steady_ms() >= search->deadline_ms;
		*fd = look(search, over                            ? 0
				   : next_ms < search->deadline_ms ? next_ms
								   : search->deadline_ms);
		if (*fd >= 0)
			return SAY_DONE;
		if (over)
			return tell_failure(search);
	}
}

int reach_door(const struct reach *reach, int *fd)
{
	struct search search = {.reach = reach, .deadline_ms = reach->deadline_ms};
	int64_t now_ms = clock_steady_ms();
	*fd = -1;
	for (size_t i = 0; i < reach->n_targets; i++)
		search.ways[i] = (struct way){
		    .target = &reach->targets[i],
		    .knocks = reach->knocks,
		    .knocked_ms = now_ms,
		    .knock_ms = now_ms + (reach->knocks > 0 ? AGAIN_MS : (int64_t)i * APART_MS),
		};
	int code = run(&search, fd);
	while (search.n_attempts > 0)
		give_up(&search, search.n_attempts - 1);
	return code;
}
