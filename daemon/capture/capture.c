/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "process.h"
#include "source.h"

enum {
	COUNTS_MS = 1000, /* at least so much between messages that carry counts alone */
	QUIET_MS = 20,    /* without a packet: no sequence is in the middle of its way */
	LAST_MS = 300     /* from posternd's end until ours, if it never is quiet */
};
enum {
	FLOOD = 32,
	FLOOD_MS = 2
}; /* so many packets at once are one; then so long without a look */
enum { POLL_PARENT, POLL_AUTH, POLL_SOURCES };

static struct start start;
static struct sightings batch;
static struct source_news recent; /* since the sources were last found empty */
static uint64_t sent_ms;          /* when the last message went, CLOCK_MONOTONIC */
static uint64_t end_ms;           /* the latest moment to end; 0: posternd is there */
static struct pollfd polls[POLL_SOURCES + SOURCE_DESCRIPTORS];

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Without auth there is nothing to do. Without posternd little: who comes after us reads on where we
 * stop, so that is to be between two knocks. */
static void look_at_others(void)
{
	if (polls[POLL_AUTH].revents & (POLLHUP | POLLERR))
		exit(PROCESS_DONE);
	if (polls[POLL_PARENT].revents != 0 && process_orphaned(ROLE_CAPTURE, NULL, NULL)) {
		polls[POLL_PARENT].fd = -1;
		end_ms = now_ms() + LAST_MS;
	}
}

static void wait_for_auth(void)
{
	polls[POLL_AUTH].events = POLLOUT;
	if (poll(polls, POLL_SOURCES, end_ms == 0 ? -1 : LAST_MS) == -1 && errno != EINTR)
		log_fatal("cannot wait for auth: %s", strerror(errno));
	polls[POLL_AUTH].events = 0;
	look_at_others();
	if (end_ms != 0 && now_ms() >= end_ms)
		exit(PROCESS_DONE);
}

/* Everything that was read stays with us until auth takes it; meanwhile nothing more is read. */
static void send_batch(void)
{
	bool one = batch.count == 1 && batch.ignored == 0 && batch.lost == 0;
	enum msg_type type = one ? MSG_SIGHTING : MSG_SIGHTINGS;
	const void *body = one ? (const void *)batch.list : &batch;

	while (msg_send(PROCESS_CAPTURE_AUTH, type, body) == -1) {
		if (errno == EPIPE || errno == ECONNRESET)
			exit(PROCESS_DONE);
		if (errno != EAGAIN && errno != EINTR)
			log_fatal("cannot send to auth: %s", strerror(errno));
		wait_for_auth();
	}
	memset(&batch, 0, offsetof(struct sightings, list) + batch.count * sizeof(*batch.list));
	sent_ms = now_ms();
}

static bool is_own(const struct address *address)
{
	for (uint32_t i = 0; i < start.n_own; i++)
		if (address_equal(address, &start.own[i]))
			return true;
	return false;
}

/* Could any carrier want it? */
static bool wanted(const struct sighting *sighting)
{
	const struct config *config = &start.config;

	if (is_own(&sighting->source))
		return false;
	if (sighting->kind == SIGHTING_SPA)
		return portset_contains(&config->spa, sighting->port);
	return portset_contains(&config->sequence, sighting->port) ||
	       portset_contains(&config->code, sighting->port);
}

static void take(void *context, enum packet_reason reason, const struct sighting *sighting)
{
	(void)context;
	if (reason != PACKET_OK || !wanted(sighting)) {
		batch.ignored++;
		return;
	}
	batch.list[batch.count++] = *sighting;
	if (batch.count == SIGHTINGS_BATCH)
		send_batch();
}

static void read_source(uint32_t i)
{
	const struct source *source = source_of(start.source_kind[i]);
	struct source_news news = {0};
	struct error error;

	switch (source->read(polls[POLL_SOURCES + i].fd, take, NULL, &news, &error)) {
	case SOURCE_GONE:
		log_error("%s: %s", source->name, error.text);
		exit(PROCESS_NO_SOURCE);
	case SOURCE_OVER:
		log_info("%s: %s", source->name, error.text);
		polls[POLL_SOURCES + i].fd = -1;
		break;
	case SOURCE_FINE:
		break;
	}
	batch.lost += news.lost;
	recent.packets += news.packets;
	recent.more = recent.more || news.more;
}

/* In a flood there is always something to wake up for. Who looks less often finds as much at once, and
 * has more time for it. A few packets, as knocks are, do not make us doze. */
static void doze(void)
{
	if (recent.packets >= FLOOD && !recent.more)
		poll(polls, POLL_SOURCES, FLOOD_MS);
	if (!recent.more)
		recent.packets = 0;
	recent.more = false;
}

/* What was wanted goes at once; counts alone can wait for the next. */
static void turn(void)
{
	doze();
	bool counts = batch.ignored > 0 || batch.lost > 0;
	int timeout = end_ms != 0 ? QUIET_MS : counts ? COUNTS_MS : -1;
	int n = poll(polls, POLL_SOURCES + start.n_sources, timeout);

	if (n == -1 && errno != EINTR)
		log_fatal("cannot wait for packets: %s", strerror(errno));
	if (n == -1)
		return;
	look_at_others();
	for (uint32_t i = 0; i < start.n_sources; i++)
		if (polls[POLL_SOURCES + i].revents != 0)
			read_source(i);
	if (batch.count > 0 || (counts && now_ms() - sent_ms >= COUNTS_MS))
		send_batch();
	if (end_ms != 0 && (n == 0 || now_ms() >= end_ms))
		exit(PROCESS_DONE);
}

static void prepare_source(const struct source_config *config)
{
	const struct source *source = source_of(config->kind);
	struct error error;

	if (source == NULL)
		log_bug("no source of kind %u", config->kind);
	if (source->prepare != NULL && source->prepare(config, &error) == -1)
		log_fatal("%s: %s", source->name, error.text);
}

static void prepare(void)
{
	process_begin(ROLE_CAPTURE, &start);
	for (uint32_t i = 0; i < start.config.n_sources; i++)
		prepare_source(&start.config.sources[i]);
	polls[POLL_PARENT] = (struct pollfd){.fd = PROCESS_PARENT, .events = POLLIN};
	polls[POLL_AUTH] = (struct pollfd){.fd = PROCESS_CAPTURE_AUTH};
	for (uint32_t i = 0; i < start.n_sources; i++) {
		if (source_of(start.source_kind[i]) == NULL)
			log_bug("no source of kind %u", start.source_kind[i]);
		polls[POLL_SOURCES + i] = (struct pollfd){
		    .fd = PROCESS_CAPTURE_SOURCES + (int)i,
		    .events = POLLIN,
		};
	}
}

int main(void)
{
	prepare();
	process_lockdown(ROLE_CAPTURE, &start);
	process_ready();
	while (log_works())
		turn();
	return PROCESS_NO_LOG;
}
