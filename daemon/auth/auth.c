/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "admit.h"
#include "block.h"
#include "carrier.h"
#include "control.h"
#include "crypto.h"
#include "gate.h"
#include "history.h"
#include "holder.h"
#include "judge.h"
#include "keyfile.h"
#include "log.h"
#include "login.h"
#include "noise.h"
#include "orders.h"
#include "policy.h"
#include "process.h"
#include "report.h"
#include "store.h"
#include "tell.h"
#include "watch.h"
#include "when.h"

/* In its own root folder. */
static const char record[] = "/state.db";

/* The clocks are compared at least so often, so that slewing never looks like a step. */
enum { LOOK_MS = 600000 };
/* From posternd's end until ours, if the disk or the firewall takes so long; posternd waits a little
 * longer. The firewall goes on with what it was told. */
enum { LAST_MS = 800 };
/* Messages taken from one peer before others have their turn. */
enum { TURN = 64 };

enum { POLL_PARENT, POLL_CAPTURE, POLL_FIREWALL, POLL_STORE, POLL_TIMER, POLL_WALL, POLLS };

static struct start start;
static struct keys keys;
static struct claims *claims;
static struct now now;
static int timer, wall, store;
static uint64_t durable;             /* the store's last ticket that is */
static uint64_t end_ms = UINT64_MAX; /* the latest moment to end, CLOCK_BOOTTIME */
static int end_status;
static bool capture_gone;

/* Whatever happens, what was put is written: a grant that was told of is on record. (So it is where
 * log_fatal ends us: see load.) */
static _Noreturn void finish(int status)
{
	control_end();
	store_end();
	keys_free(&keys);
	_exit(status); /* nothing is left to flush, and no destructor has work to do */
}

/* Nothing is unclaimed, and nothing opens: the next life begins with what is on the disk. */
static _Noreturn void store_failed(const struct error *error)
{
	log_error("the record in %s cannot be written, and so nothing opens: %s",
		  start.config.state, error->text);
	judge_abandon(ACCEPT_STORE, &now);
	keys_free(&keys);
	_exit(AUTH_NO_RECORD); /* the other thread may be in the middle of something */
}

/* Before lockdown: what needs files, descriptors or memory of its own. */

static void crypto_ends(const char *why)
{
	log_fatal("libgcrypt cannot go on: %s", why);
}

static void start_crypto(void)
{
	crypto_on_end(crypto_ends);
	if (crypto_start() == -1)
		log_fatal("libgcrypt does not start");
}

static void read_keys(void)
{
	struct error error;

	if (keyfile_read(&keys, PROCESS_AUTH_KEYS, &error) == -1)
		log_fatal("%s: %s", start.config.keys, error.text);
	close(PROCESS_AUTH_KEYS);
	if (keys.count == 0)
		log_warn("%s holds no key: nobody can knock; posternctl key add makes one",
			 start.config.keys);
	claims = calloc(keys.count > 0 ? keys.count : 1, sizeof *claims);
	if (claims == NULL || judge_start(&keys, claims, start.config.clock_window_s) == -1 ||
	    policy_start(&start.config, keys.count) == -1 || login_start() == -1)
		log_fatal("no memory for %zu keys", keys.count);
}

static void prepare(void)
{
	process_begin(ROLE_AUTH, &start);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit fails, as one on a full disk does */
	start_crypto();
	noise_start();
	watch_start();
	tell_start();
	wall = wall_start();
	timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (wall == -1 || timer == -1)
		log_fatal("no timer: %s", strerror(errno));
	if (carrier_start(&start) == -1)
		log_fatal("no memory to gather sequences from %u sources: set gather { sources } "
			  "to less",
			  start.config.gather_sources);
	control_start(PROCESS_AUTH_CONTROL);
	orders_start(PROCESS_AUTH_FIREWALL);
	process_demote(ROLE_AUTH, &start);
	read_keys();
	store = store_start();
	if (store == -1)
		log_fatal("no thread, or no memory for it, to write the record: %s",
			  strerror(errno));
	process_confine(ROLE_AUTH, &start);
}

/* After it: the record, and what it has to say. */

static void tell_record(const struct rows_loaded *loaded)
{
	char from[WHEN_MOMENT_TEXT];

	when_moment_print(from, judge_record()->old_floor_ms);
	if (loaded->corrupt) {
		tell_attack("record-corrupt");
		log_error("the record was damaged; it is %s/state.db.corrupt now",
			  start.config.state);
	}
	if (loaded->made && keys.count > 0)
		log_warn("a new record was made: keys that are older than it may knock from %s",
			 from);
	log_info("%zu keys, %zu grants", keys.count, grant_count());
}

static void load(void)
{
	const struct rows_claims into = {&keys, claims};
	struct rows_loaded loaded;
	struct error error;

	wall_look(&now);
	if (store_load(record, start.boot_id, now.wall_ms, &into, &loaded, &error) == -1) {
		log_error("the record in %s cannot be used, and so nothing opens: %s",
			  start.config.state, error.text);
		keys_free(&keys);
		_exit(AUTH_NO_RECORD);
	}
	atexit(store_end);
	holder_start(&keys);
	if (grant_start(holder_count(), loaded.about.last_grant) == -1)
		log_fatal("no memory for grants");
	history_start(&loaded);
	block_start(&loaded);
	gate_start();
	report_start(&keys, &start, &now);
	for (uint32_t i = 0; i < keys.count; i++)
		policy_rate_again(i, &claims[i], &now);
	judge_load(&loaded, &now);
	gate_restore(&loaded, &now);
	tell_record(&loaded);
	rows_forget(&loaded);
}

/* The end, posternd's or capture's or for want of a log: but first whoever knocked gets the door, or is
 * told of. */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool ending(void)
{
	return end_ms != UINT64_MAX;
}

static void begin_end(int status)
{
	if (ending())
		return;
	end_ms = now.boot_ms + LAST_MS;
	end_status = status;
}

/* Where the end is our own, capture knows nothing of it yet. */
static bool all_done(void)
{
	return (capture_gone || end_status == PROCESS_NO_LOG) && !judge_waiting() &&
	       !gate_waiting() && !orders_unanswered();
}

static void end_if_done(void)
{
	if (!ending() || (now.boot_ms < end_ms && !all_done()))
		return;
	judge_abandon(ACCEPT_STORE, &now);
	gate_abandon(&now);
	(void)orders_send();
	finish(end_status);
}

/* What each turn of the loop looks at. */

static _Noreturn void firewall_gone(void)
{
	log_info("the firewall process has gone; ending");
	judge_abandon(ACCEPT_FIREWALL, &now);
	gate_abandon(&now);
	finish(AUTH_DONE);
}

static void take_sightings(const struct sightings *sightings)
{
	if (sightings->count > SIGHTINGS_BATCH) {
		struct log_event line;
		log_event(&line, LOG_ALERT, "attack");
		log_text(&line, "what", "bad-message");
		log_text(&line, "from", msg_role(ROLE_CAPTURE));
		log_text(&line, "why", "count");
		log_send(&line);
		log_fatal("capture sent more sightings than fit; ending");
	}
	noise_more(sightings->ignored, sightings->lost, &now);
	for (uint32_t i = 0; i < sightings->count; i++)
		carrier_sighting(&sightings->list[i], &now);
}

/* On a calm day it may be a knock: while it is judged, the other thread wakes up. */
static void take_one(const struct sighting *sighting)
{
	if (sighting->kind == SIGHTING_SPA)
		store_warm(now.boot_ms);
	carrier_sighting(sighting, &now);
}

static void hear_capture(void)
{
	static struct msg msg;

	for (int i = 0; i < TURN && judge_room(SIGHTINGS_BATCH); i++) {
		int got =
		    msg_receive(PROCESS_AUTH_CAPTURE, &msg, ROLE_CAPTURE, ROLE_AUTH, MSG_RUNNING);
		if (got == 0)
			return;
		if (got == -1) {
			capture_gone = true;
			if (!ending())
				log_info("the capture process has gone; ending");
			begin_end(AUTH_DONE);
			return;
		}
		if (msg.type == MSG_SIGHTING)
			take_one(&msg.body.SIGHTING);
		else
			take_sightings(&msg.body.SIGHTINGS);
	}
}

static void hear_firewall(void)
{
	static struct msg msg;

	for (int i = 0; i < TURN; i++) {
		int got =
		    msg_receive(PROCESS_AUTH_FIREWALL, &msg, ROLE_FIREWALL, ROLE_AUTH, MSG_RUNNING);
		if (got == -1)
			firewall_gone();
		if (got == 0)
			return;
		gate_answered(&msg.body.ACK, &now);
	}
}

/* True: it has gone. */
static bool hear_parent(void)
{
	static struct msg msg;
	bool said = false, gone = process_orphaned(ROLE_AUTH, &said, &msg);

	if (said)
		report_refused(&msg.body.REFUSED);
	return gone;
}

static void hear_store(void)
{
	struct judge_case judged;
	struct error error;

	if (store_done(&durable, &error) == -1)
		store_failed(&error);
	gate_durable(durable);
	while (judge_next(&judged, durable))
		admit_knock(&judged, &now);
}

static void send_orders(void)
{
	if (orders_send() == 0)
		return;
	if (errno != EPIPE && errno != ECONNRESET)
		log_error("cannot send to the firewall process: %s", strerror(errno));
	firewall_gone();
}

/* While the disk writes, the firewall can make ready: once for all that one commit serves. */
static void announce(void)
{
	static uint64_t announced;
	const struct judge_case *newest = judge_newest();

	if (newest == NULL || newest->ticket == announced)
		return;
	orders_announce(&newest->source);
	announced = newest->ticket;
}

static void arm_timer(void)
{
	uint64_t at = earlier(end_ms, earlier(gate_deadline(), now.boot_ms + LOOK_MS));

	at = earlier(at, earlier(store_deadline(), control_deadline()));
	at = earlier(at, earlier(noise_deadline(), tell_deadline()));
	const struct itimerspec spec = {.it_value = {.tv_sec = (time_t)(at / 1000),
						     .tv_nsec = (long)(at % 1000) * 1000000 + 1}};
	/* Setting it also makes it unreadable again. */
	if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &spec, NULL) == -1)
		log_fatal("no timer: %s", strerror(errno));
}

static size_t fill_polls(struct pollfd *polls)
{
	const int wanted = POLLIN;
	const int descriptors[POLLS] = {
	    [POLL_PARENT] = ending() ? -1 : PROCESS_PARENT,
	    /* Where too many wait for the disk, the others wait in the channel. */
	    [POLL_CAPTURE] =
		!capture_gone && judge_room(SIGHTINGS_BATCH) ? PROCESS_AUTH_CAPTURE : -1,
	    [POLL_FIREWALL] = PROCESS_AUTH_FIREWALL,
	    [POLL_STORE] = store,
	    [POLL_TIMER] = timer,
	    [POLL_WALL] = wall,
	};

	for (size_t i = 0; i < POLLS; i++)
		polls[i] = (struct pollfd){.fd = descriptors[i], .events = (short)wanted};
	if (orders_waiting())
		polls[POLL_FIREWALL].events |= POLLOUT;
	return POLLS + control_poll(polls + POLLS);
}

static void turn(const struct pollfd *polls, size_t count)
{
	judge_clock(&now, wall_look(&now));
	if (polls[POLL_PARENT].revents != 0 && hear_parent())
		begin_end(AUTH_DONE);
	gate_expire(&now);
	if (polls[POLL_STORE].revents != 0)
		hear_store();
	send_orders();
	if (polls[POLL_CAPTURE].revents != 0)
		hear_capture();
	store_flush(now.boot_ms);
	announce();
	if (polls[POLL_FIREWALL].revents != 0)
		hear_firewall();
	control_serve(polls + POLLS, count - POLLS, durable, &now);
	noise_tell(&now);
	tell_held(&now);
	judge_note_numbers(&now);
	send_orders();
	store_flush(now.boot_ms);
	if (!log_works()) /* posternd gives the next one a new log */
		begin_end(PROCESS_NO_LOG);
	end_if_done();
}

static _Noreturn void loop(void)
{
	struct pollfd polls[POLLS + CONTROL_SLOTS + 1];

	for (;;) {
		arm_timer();
		size_t count = fill_polls(polls);
		if (poll(polls, count, -1) == -1) {
			if (errno != EINTR)
				log_fatal("poll: %s", strerror(errno));
			continue;
		}
		turn(polls, count);
	}
}

/* Run by posternd, with the descriptors that it gives, or by hand: on standard input. */
static int check_keys(void)
{
	struct stat status;
	struct error error;
	bool given = fstat(PROCESS_AUTH_KEYS, &status) == 0 && S_ISREG(status.st_mode);

	log_start(process_name(ROLE_AUTH), -1);
	start_crypto();
	if (keyfile_read(&keys, given ? PROCESS_AUTH_KEYS : STDIN_FILENO, &error) == -1) {
		log_error("keys: %s", error.text);
		return PROCESS_BAD_KEYS;
	}
	keys_free(&keys);
	return AUTH_DONE;
}

/* The first commit makes the record's log, which takes longer than those after it; and shows that the
 * record can be written. No knock should wait for that. */
static void first_commit(void)
{
	struct pollfd done = {.fd = store, .events = POLLIN};
	uint64_t ticket = store_hurry();

	while (durable < ticket) {
		store_flush(now.boot_ms);
		if (poll(&done, 1, -1) == 1)
			hear_store();
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "-t") == 0)
		return check_keys();
	if (argc != 1) {
		fprintf(stderr, "postern-auth is started by posternd; by hand only as: "
				"postern-auth -t <KEYFILE\n");
		return AUTH_USAGE;
	}
	prepare();
	load();
	send_orders();
	first_commit();
	process_ready();
	loop();
}
