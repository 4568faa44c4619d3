/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * postern-firewall: takes orders, checks each, brings all that came in one turn into the kernel's
 * table by one commit, and answers. In between it looks after what it wrote. It has CAP_NET_ADMIN,
 * and hears nothing but fixed-size orders.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "batch.h"
#include "clocks.h"
#include "living.h"
#include "log.h"
#include "order.h"
#include "own.h"
#include "process.h"

enum {
	ACKS_MAX = LIVING_MAX + BATCH_MAX,
	HOUSEKEEPING_MS = 1000, /* from a grant's end until its dead rule goes */
	RETRY_MS = 1000,        /* after a commit that failed */
	LOOK_MS = 2000,         /* between two looks at the table, while grants live */
	LOOK_SOON_MS = 100,     /* after a commit */
	LOOK_IDLE_MS = 10000,   /* while none live, and only what somebody loads could be open */
	READY_MS = 5            /* for an order that is said to come; others wait meanwhile */
};

#define NEVER UINT64_MAX

/* All memory that it will ever need of its own. */
static struct start start;
static struct living living;
static struct batch batch;
static struct {
	size_t first, end;
	struct ack list[ACKS_MAX];
} acks;

static struct {
	const struct backend *backend;
	enum msg_state state;
	bool orphaned, vacating;
	int watch; /* the wall clock's steps */
	size_t restored;
	uint64_t rewrite_at, look_at, tidy_at; /* CLOCK_BOOTTIME, or NEVER */
	enum backend_state seen;
	struct error told;
} firewall = {.state = MSG_RESTORING, .rewrite_at = NEVER, .look_at = NEVER, .tidy_at = NEVER};

/* ---- the log ---- */

static void tell_bad(const struct order *order, const char *why, struct log_limit *limit)
{
	struct log_event event;

	log_event(&event, LOG_ALERT, "attack");
	log_text(&event, "what", "bad-order");
	log_text(&event, "reason", why);
	log_number(&event, "grant", (int64_t)order->grant);
	log_address(&event, "addr", &order->address);
	log_door(&event, "door", &order->door);
	if (limit->held > 0)
		log_number(&event, "held", (int64_t)limit->held);
	limit->held = 0;
	log_send(&event);
}

static void tell_fault(const struct order *order, enum order_fault fault, uint64_t now_ms)
{
	static struct log_limit fair = {.burst = 5, .period_ms = 10000},
				bad = {.burst = 10, .period_ms = 6000};
	struct log_limit *limit = order_fault_bad(fault) ? &bad : &fair;

	if (fault == ORDER_FAULT_NOTHING || !log_limit_pass(limit, now_ms))
		return;
	if (limit == &bad)
		tell_bad(order, order_about(fault)->name, limit);
	else
		log_warn("grant %llu is not opened: %s", (unsigned long long)order->grant,
			 order_about(fault)->text);
}

/* ---- acks ---- */

static void ack_batch(void)
{
	for (size_t i = 0; i < batch.n; i++) {
		const struct batch_change *change = &batch.list[i];
		if (acks.end == ACKS_MAX)
			log_fatal(
			    "more orders than grants can live, and none is to be committed yet");
		acks.list[acks.end++] = (struct ack){.grant = change->order.grant,
						     .verb = change->order.verb,
						     .result = order_about(change->fault)->result};
	}
	batch_empty(&batch);
}

static bool acks_wait(void)
{
	return firewall.state == MSG_RUNNING && acks.first < acks.end;
}

static void send_acks(void)
{
	while (acks_wait()) {
		if (msg_send(PROCESS_FIREWALL_AUTH, MSG_ACK, &acks.list[acks.first]) == -1) {
			if (errno == EAGAIN || errno == EINTR)
				return;
			if (errno != EPIPE && errno != ECONNRESET)
				log_fatal("cannot answer postern-auth: %s", strerror(errno));
			break; /* it has gone, as receive will find */
		}
		acks.first++;
	}
	if (firewall.state == MSG_RUNNING)
		acks.first = acks.end = 0;
}

/* ---- the table ---- */

static void set_timers(uint64_t now_ms)
{
	uint64_t end = living_first_end(&living);
	uint64_t look = now_ms + (living.n == 0 ? LOOK_IDLE_MS : LOOK_SOON_MS);

	firewall.tidy_at = end == NEVER ? NEVER : end + HOUSEKEEPING_MS;
	if (firewall.look_at > look)
		firewall.look_at = look;
}

static void committed(int result, const struct error *error)
{
	static struct log_limit limit = {.burst = 5, .period_ms = 10000};
	uint64_t now_ms = clocks_boot_ms();

	if (result == -1 && log_limit_pass(&limit, now_ms))
		log_error("%s", error->text);
	if (result == -1)
		firewall.rewrite_at = now_ms + RETRY_MS;
	set_timers(now_ms);
}

static int rewrite(struct error *error)
{
	const struct rules rules = {.living = living.list, .n_living = living.n, .all = true};

	return firewall.backend->commit(&rules, error);
}

static void rewrite_or_retry(void)
{
	struct error error = {""};

	firewall.rewrite_at = NEVER;
	committed(rewrite(&error), &error);
}

static void commit_batch(void)
{
	struct error error = {""};

	if (batch.n + batch.n_ended == 0)
		return;
	committed(batch_commit(&batch, &living, firewall.backend, &error), &error);
}

/* A state is told when it begins, and when it ends. */
static void tell_state(enum backend_state state, const struct error *error)
{
	if (state == firewall.seen && strcmp(error->text, firewall.told.text) == 0)
		return;
	if (state == BACKEND_SOUND)
		log_info("packets reach the rules of all grants that live again");
	else
		log_error("%s", error->text);
	firewall.seen = state;
	firewall.told = *error;
}

static void mend(const struct error *error, uint64_t now_ms)
{
	static struct log_limit limit = {.burst = 5, .period_ms = 60000};

	if (log_limit_pass(&limit, now_ms))
		log_warn("%s: changed by another program; put right", error->text);
	rewrite_or_retry();
}

/* A saved ruleset that somebody loads may hold what has ended; so it is looked for though none lives. */
static void look(uint64_t now_ms)
{
	const struct rules rules = {.living = living.list, .n_living = living.n};
	struct error error = {""};
	enum backend_state state = firewall.backend->look(&rules, &error);
	bool any = living.n > 0;

	firewall.look_at = now_ms + (any ? LOOK_MS : LOOK_IDLE_MS);
	if (state == BACKEND_CHANGED || (any && state == BACKEND_GONE))
		mend(&error, now_ms);
	else if (any)
		tell_state(state, &error);
}

/* ---- orders ---- */

static enum order_fault check(const struct order *order, uint64_t now_ms)
{
	static const enum order_fault faults[] = {[OWN_NOT] = ORDER_FAULT_NOTHING,
						  [OWN_IS] = ORDER_FAULT_OURS,
						  [OWN_NO_FAMILY] = ORDER_FAULT_FAMILY,
						  [OWN_UNKNOWN] = ORDER_FAULT_UNKNOWN};
	enum order_fault fault = order_check(order, &start, now_ms);

	if (fault != ORDER_FAULT_NOTHING || order->verb == ORDER_CLOSE)
		return fault;
	/* What was open before is open, for whatever is left. */
	if (firewall.state != MSG_RESTORING &&
	    order->until_ms < now_ms + firewall.backend->least_ms)
		return ORDER_FAULT_SHORT;
	return faults[own_ask(PROCESS_FIREWALL_ROUTES, &order->address)];
}

static void do_order(const struct order *order)
{
	uint64_t now_ms = clocks_boot_ms();
	const struct batch_change *change =
	    batch_take(&batch, &living, order, check(order, now_ms), now_ms);

	tell_fault(order, change->fault, now_ms);
	firewall.restored += firewall.state == MSG_RESTORING;
}

/* Makes ready, and waits a moment: either for the order or for anything else. */
static void do_coming(const struct coming *coming)
{
	struct pollfd more = {.fd = PROCESS_FIREWALL_AUTH, .events = POLLIN};

	if (firewall.backend->prepare && firewall.backend->prepare(address_is_v4(&coming->address)))
		poll(&more, 1, READY_MS);
}

/* The first commit: whatever is in the chain from before goes. */
static void do_restored(const struct restored *restored)
{
	struct error error = {""};

	if (restored->count != firewall.restored)
		log_warn("%zu grants were restored, of %llu that postern-auth tells of",
			 firewall.restored, (unsigned long long)restored->count);
	if (rewrite(&error) == -1)
		log_fatal("%s", error.text);
	ack_batch();
	firewall.state = MSG_RUNNING;
	set_timers(clocks_boot_ms());
	process_ready();
}

/* False: postern-auth has gone. */
static bool receive(void)
{
	static struct msg msg; /* large */
	int got = 1;

	for (int i = 0; i < BATCH_MAX && !batch_full(&batch) && got == 1; i++) {
		got = msg_receive(PROCESS_FIREWALL_AUTH, &msg, ROLE_AUTH, ROLE_FIREWALL,
				  firewall.state);
		if (got == 1 && msg.type == MSG_ORDER)
			do_order(&msg.body.ORDER);
		else if (got == 1 && msg.type == MSG_COMING)
			do_coming(&msg.body.COMING);
		else if (got == 1)
			do_restored(&msg.body.RESTORED);
	}
	return got != -1;
}

/* ---- the loop ---- */

static int timeout_ms(void)
{
	const uint64_t due[] = {firewall.rewrite_at, firewall.look_at, firewall.tidy_at};
	uint64_t first = NEVER, now = clocks_boot_ms();

	for (size_t i = 0; i < 3 && firewall.state == MSG_RUNNING; i++)
		if (due[i] < first)
			first = due[i];
	if (first == NEVER)
		return -1;
	return first <= now ? 0 : first - now > LOOK_IDLE_MS ? LOOK_IDLE_MS : (int)(first - now);
}

/* What is due, the orders that have come first: somebody waits for them. */
static void settle(void)
{
	uint64_t now_ms = clocks_boot_ms();

	if (firewall.state == MSG_RUNNING) {
		if (firewall.tidy_at <= now_ms)
			batch_expire(&batch, &living, now_ms);
		commit_batch();
		if (firewall.backend->release)
			firewall.backend->release();
	}
	ack_batch();
	send_acks();
	if (firewall.state != MSG_RUNNING)
		return;
	if (firewall.rewrite_at <= now_ms)
		rewrite_or_retry();
	if (firewall.look_at <= now_ms)
		look(now_ms);
}

static bool turn(void)
{
	/* While answers wait, no more orders are taken. Where posternd has gone, auth may still have
	 * some; and ends then. */
	struct pollfd fds[] = {
	    {.fd = firewall.orphaned ? -1 : PROCESS_PARENT, .events = POLLIN},
	    {.fd = PROCESS_FIREWALL_AUTH, .events = acks_wait() ? POLLOUT : POLLIN},
	    {.fd = firewall.watch, .events = POLLIN},
	};

	if (poll(fds, 3, timeout_ms()) == -1 && errno != EINTR)
		log_fatal("cannot wait for orders: %s", strerror(errno));
	if (fds[0].revents != 0 && process_orphaned(ROLE_FIREWALL, &firewall.vacating, NULL))
		firewall.orphaned = true;
	if (fds[2].revents != 0 && clocks_stepped(firewall.watch))
		firewall.rewrite_at = 0;
	if (fds[1].revents & (POLLIN | POLLHUP | POLLERR) && !acks_wait() && !receive())
		return false;
	settle();
	return log_works();
}

/* postern-auth has gone, or we go. What it closed last goes, too; what it opened last does not come, for
 * nobody would hear of it. Where our rules are to stand elsewhere tomorrow, none stays. Whether the table
 * is so. */
static bool leave(void)
{
	if (firewall.state != MSG_RUNNING)
		return false;
	receive(); /* what is left */
	batch_forgo(&batch, &living);
	if (firewall.vacating)
		living.n = 0;
	if (firewall.vacating || firewall.rewrite_at != NEVER)
		rewrite_or_retry();
	else
		commit_batch();
	if (firewall.rewrite_at != NEVER)
		log_warn("what was to be closed last ends on time, and not before");
	return firewall.rewrite_at == NEVER;
}

static void prepare(void)
{
	struct error error = {""};

	firewall.backend = backend_of(start.config.firewall);
	if (firewall.backend == NULL)
		log_bug("no backend of kind %u", start.config.firewall);
	if (own_open(PROCESS_FIREWALL_ROUTES, &error) == -1 ||
	    firewall.backend->start(&start.config, PROCESS_FIREWALL_LOCK, &error) == -1)
		log_fatal("%s", error.text);
	firewall.watch = clocks_watch();
	if (firewall.watch == -1)
		log_fatal("cannot watch the wall clock: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	process_begin(ROLE_FIREWALL, &start);
	prepare();
	process_lockdown(ROLE_FIREWALL, &start);
	if (argc == 2 && strcmp(argv[1], "-t") == 0) /* posternd asks whether it could work */
		return PROCESS_DONE;
	while (turn())
		;
	if (leave() && firewall.vacating)
		return PROCESS_VACATED;
	return log_works() ? PROCESS_DONE : PROCESS_NO_LOG;
}
