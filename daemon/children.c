/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "children.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clocks.h"
#include "log.h"

enum { FIRST_DELAY_MS = 200, LONGEST_DELAY_MS = 60000, GOOD_LIFE_MS = 60000 };
/* From their start until all work. The slowest is auth's with all keys and a long record: some seconds. */
enum { START_MS = 60000 };

/* In the order they are started: who receives is there before who sends. */
static const enum role roles[CHILDREN] = {ROLE_FIREWALL, ROLE_AUTH, ROLE_CAPTURE};
enum { FIREWALL, AUTH, CAPTURE };

/* For ending by themselves. auth takes 800 ms if it must; the firewall may have to wait for the xtables
 * lock, which it does for 10 s. */
static const unsigned patience_ms[CHILDREN] = {[FIREWALL] = 12000, [AUTH] = 1000, [CAPTURE] = 1000};

/* ---- starting ---- */

static int start_one(struct process *process, const struct supply *supply, enum role role,
		     struct start *start, const int *own, size_t n)
{
	char program[CONFIG_PATH + 32];

	supply_start_as(start, supply, role);
	snprintf(program, sizeof(program), "%s/postern-%s", supply->programs, msg_role(role));
	return spawn_process(process, role, program, start, supply->log, own, n);
}

static int start_with(struct children *children, const struct supply *supply, const int *capture,
		      const int *firewall, int lock)
{
	static struct start start; /* large */
	const int to_firewall[] = {firewall[1], lock};
	const int to_auth[] = {capture[1], firewall[0], supply->keys, supply->control};
	int to_capture[1 + SOURCE_DESCRIPTORS] = {capture[0]};
	uint32_t n;

	supply_start(&start, supply);
	n = sources_list(&supply->sources, to_capture + 1, start.source_kind);
	lseek(supply->keys, 0, SEEK_SET);
	if (start_one(&children->each[FIREWALL], supply, ROLE_FIREWALL, &start, to_firewall, 2) ==
		-1 ||
	    start_one(&children->each[AUTH], supply, ROLE_AUTH, &start, to_auth, 4) == -1)
		return -1;
	start.n_sources = n;
	return start_one(&children->each[CAPTURE], supply, ROLE_CAPTURE, &start, to_capture, 1 + n);
}

void children_put_off(struct children *children)
{
	children->due_ms = clocks_boot_ms() + children->delay_ms;
	children->delay_ms = children->delay_ms == 0 ? FIRST_DELAY_MS : children->delay_ms * 2;
	if (children->delay_ms > LONGEST_DELAY_MS)
		children->delay_ms = LONGEST_DELAY_MS;
}

static void close_pair(const int *pair)
{
	if (pair[0] != -1)
		close(pair[0]);
	if (pair[1] != -1)
		close(pair[1]);
}

static int fail_to_start(struct children *children)
{
	children->failed = true;
	children_end(children);
	if (children->state == CHILDREN_NONE)
		children_put_off(children);
	return -1;
}

static void nobody(struct children *children)
{
	for (size_t i = 0; i < CHILDREN; i++) {
		children->each[i] = (struct process){.role = roles[i], .channel = -1, .ready = -1};
		children->works[i] = children->killed[i] = false;
	}
	children->failed = children->explained = children->vacating = false;
	children->quiet = 0;
}

void children_clear(struct children *children)
{
	memset(children, 0, sizeof(*children));
	nobody(children);
}

int children_start(struct children *children, const struct supply *supply, struct error *error)
{
	int capture[2] = {-1, -1}, firewall[2] = {-1, -1}, lock, result = -1;

	nobody(children);
	children->state = CHILDREN_STARTING;
	children->due_ms = clocks_boot_ms() + START_MS;
	if (supply_open_lock(&lock, supply, error) == -1)
		return fail_to_start(children);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, capture) == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, firewall) == 0)
		result = start_with(children, supply, capture, firewall, lock);
	if (result == -1)
		error_set(error, "cannot start the processes in %s: %s", supply->programs,
			  strerror(errno));
	close_pair(capture);
	close_pair(firewall);
	if (lock != -1) /* a lock taken by the child is its own */
		close(lock);
	return result == 0 ? 0 : fail_to_start(children);
}

/* ---- ending ---- */

static bool any_left(const struct children *children)
{
	for (size_t i = 0; i < CHILDREN; i++)
		if (children->each[i].pid != 0)
			return true;
	return false;
}

/* Closes what leads to it, but remembers whom to wait for. */
static void let_go(struct process *process)
{
	pid_t pid = process->pid;

	spawn_forget(process);
	process->pid = pid;
}

static void tell_not_vacated(void)
{
	log_warn("the firewall's place changes, and what was open before is not closed there: it "
		 "ends on time, and cannot be closed before");
}

void children_vacate(struct children *children)
{
	static const struct vacate vacate;

	children->vacating = msg_send(children->each[FIREWALL].channel, MSG_VACATE, &vacate) == 0;
	if (!children->vacating)
		tell_not_vacated();
}

void children_refused(const struct children *children, const struct refused *refused)
{
	if (children->state == CHILDREN_WORKING)
		(void)msg_send(children->each[AUTH].channel, MSG_REFUSED, refused);
}

/* When somebody's patience ends. */
static uint64_t next_kill_ms(const struct children *children)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < CHILDREN; i++)
		if (children->each[i].pid != 0 && !children->killed[i] &&
		    children->ending_ms + patience_ms[i] < first)
			first = children->ending_ms + patience_ms[i];
	return first;
}

void children_end(struct children *children)
{
	if (children->state != CHILDREN_ENDING)
		children->ending_ms = clocks_boot_ms();
	for (size_t i = 0; i < CHILDREN; i++)
		let_go(&children->each[i]);
	children->state = any_left(children) ? CHILDREN_ENDING : CHILDREN_NONE;
	children->due_ms = next_kill_ms(children);
}

static void end_patience(struct children *children, size_t i)
{
	/* Not SIGTERM, which may be blocked. */
	if (kill(children->each[i].pid, SIGKILL) == -1)
		return;
	children->killed[i] = true;
	if (i == FIREWALL)
		log_warn("postern-firewall has not ended for %u s, and is killed: what was to be "
			 "closed last ends on time, and not before",
			 patience_ms[i] / 1000);
}

/* One of them hangs: as if it had died. */
static void end_start(struct children *children)
{
	for (size_t i = 0; i < CHILDREN; i++)
		if (!children->works[i])
			log_error("postern-%s has not begun to work for %d s: all are started "
				  "again",
				  msg_role(roles[i]), START_MS / 1000);
	children->failed = children->explained = true;
	children_end(children);
}

void children_tick(struct children *children)
{
	uint64_t now_ms = clocks_boot_ms();

	if (now_ms < children->due_ms)
		return;
	if (children->state == CHILDREN_STARTING)
		end_start(children);
	if (children->state != CHILDREN_ENDING || now_ms < children->due_ms)
		return;
	for (size_t i = 0; i < CHILDREN; i++)
		if (children->each[i].pid != 0 && !children->killed[i] &&
		    now_ms >= children->ending_ms + patience_ms[i])
			end_patience(children, i);
	children->due_ms = next_kill_ms(children);
}

int children_timeout_ms(const struct children *children)
{
	uint64_t now = clocks_boot_ms();
	bool due = children->state == CHILDREN_STARTING || children->state == CHILDREN_ENDING ||
		   (children->state == CHILDREN_NONE && children->due_ms != 0);

	if (!due || children->due_ms == UINT64_MAX)
		return -1;
	return children->due_ms <= now ? 0 : (int)(children->due_ms - now);
}

static void tell_death(const char *name, int status)
{
	struct log_event event;

	log_event(&event, LOG_ALERT, "attack");
	log_text(&event, "what", "child-died");
	log_text(&event, "process", name);
	if (WIFSIGNALED(status))
		log_number(&event, "signal", WTERMSIG(status));
	else
		log_number(&event, "status", WEXITSTATUS(status));
	log_send(&event);
}

/* With posternd, with a process beside it, or by us. Else it is to blame for the others' end. */
static bool follows(const struct children *children, size_t i, int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) == PROCESS_DONE ||
		       WEXITSTATUS(status) == PROCESS_VACATED;
	return children->killed[i] && WTERMSIG(status) == SIGKILL;
}

static void log_death(struct children *children, size_t i, int status)
{
	const char *name = msg_role(roles[i]);

	/* That it follows somebody cannot be seen before all have gone: deaths come in any order. */
	if (follows(children, i, status)) {
		if (children->state != CHILDREN_ENDING && children->quiet == 0)
			children->quiet = i + 1;
		return;
	}
	children->explained = true;
	if (WIFEXITED(status) && WEXITSTATUS(status) == PROCESS_NO_LOG)
		log_info("postern-%s ended to get a new log", name);
	else if (WIFEXITED(status) && !children->works[i]) /* it could not even begin */
		log_error("postern-%s ended with status %d before it worked", name,
			  WEXITSTATUS(status));
	else
		tell_death(name, status);
}

static void bury(struct children *children, size_t i, int status)
{
	log_death(children, i, status);
	let_go(&children->each[i]);
	children->each[i].pid = 0;
	if (i == FIREWALL && children->vacating &&
	    !(WIFEXITED(status) && WEXITSTATUS(status) == PROCESS_VACATED))
		tell_not_vacated();
	if (i == CAPTURE && WIFEXITED(status) && WEXITSTATUS(status) == PROCESS_NO_SOURCE)
		children->sources_broken = true;
	if (children->state == CHILDREN_ENDING)
		return;
	children->failed = true;
	if (children->state == CHILDREN_WORKING &&
	    clocks_boot_ms() - children->working_ms >= GOOD_LIFE_MS)
		children->delay_ms = 0;
}

void children_reap(struct children *children)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < CHILDREN; i++)
			if (children->each[i].pid == pid)
				bury(children, i, status);
	if (children->failed &&
	    (children->state == CHILDREN_STARTING || children->state == CHILDREN_WORKING)) {
		children_end(children);
		children->state = CHILDREN_ENDING; /* also where all have gone at once */
	}
	if (children->state != CHILDREN_ENDING || any_left(children))
		return;
	if (children->quiet != 0 && !children->explained)
		tell_death(msg_role(roles[children->quiet - 1]), 0);
	children->state = CHILDREN_NONE;
	children->due_ms = 0;
	if (children->failed)
		children_put_off(children);
}

/* ---- readiness ---- */

void children_poll(const struct children *children, struct pollfd *polls)
{
	for (size_t i = 0; i < CHILDREN; i++)
		polls[i] = (struct pollfd){.fd = children->each[i].ready, .events = POLLIN};
}

bool children_polled(struct children *children, const struct pollfd *polls)
{
	bool all = true;
	char byte;

	for (size_t i = 0; i < CHILDREN; i++) {
		if (polls[i].fd != -1 && polls[i].revents != 0) {
			/* Its end without a byte: its death is told by a signal. */
			children->works[i] = read(polls[i].fd, &byte, 1) == 1;
			close(children->each[i].ready);
			children->each[i].ready = -1;
		}
		all = all && children->works[i];
	}
	if (children->state != CHILDREN_STARTING || !all)
		return false;
	children->state = CHILDREN_WORKING;
	children->working_ms = clocks_boot_ms();
	return true;
}
