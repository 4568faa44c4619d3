/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process of the suite, seen from within: it takes the descriptors that posternd handed over,
 * learns what it must know, and gives up everything else. Lockdown has one fixed order, in one
 * place, every return checked. posternd's side is spawn.h.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "msg.h"

/* Descriptors of every child, by number; 0-2 are /dev/null (2: the log, with -n). */
enum process_descriptor {
	PROCESS_PARENT = 3, /* from posternd: START, then (VACATE and) its end, which means "end" */
	PROCESS_LOG,        /* connected to syslog; /dev/null with -n */
	PROCESS_READY,      /* a pipe: one byte from the child when it is locked down and at work */
	PROCESS_FIRST       /* the role's own, from here on, in the order below */
};

enum { PROCESS_CAPTURE_AUTH = PROCESS_FIRST, PROCESS_CAPTURE_SOURCES };
enum {
	PROCESS_AUTH_CAPTURE = PROCESS_FIRST,
	PROCESS_AUTH_FIREWALL,
	PROCESS_AUTH_KEYS,    /* the key file, open for reading */
	PROCESS_AUTH_CONTROL, /* the control socket, listening */
	PROCESS_AUTH_END
};
enum {
	PROCESS_FIREWALL_AUTH = PROCESS_FIRST,
	PROCESS_FIREWALL_LOCK, /* the xtables lock's file, opened for this process alone;
				* /dev/null for a backend that takes no lock */
	PROCESS_FIREWALL_END,
	PROCESS_FIREWALL_ROUTES = PROCESS_FIREWALL_END /* opened by itself, before lockdown */
};

/* How a child ends, other than by a signal or log_fatal (3), where posternd must know. */
enum process_status {
	PROCESS_DONE = 0,     /* posternd has gone, or a process beside it; with -t, all is right */
	PROCESS_BAD_KEYS = 1, /* auth -t: what it was to check is not right */
	PROCESS_NO_SOURCE = 5, /* capture: a source is of no more use, and must be opened again */
	PROCESS_NO_LOG = 6,    /* it is heard no more, and needs a new log */
	PROCESS_VACATED = 7    /* firewall: as it was told to, it has left no rule behind */
};

/* The child's side, in this order. begin: takes the log, checks that every descriptor it must have
 * is there, receives START into *start (static storage is fine: it is large). */
void process_begin(enum role role, struct start *start);
/* chroot, chdir, groups, gid, uid, no_new_privs, capabilities, rlimits, seccomp: each checked, any
 * failure fatal. What a role keeps stands in one table in process.c. A test build with sanitizers,
 * and only such a one, leaves seccomp out. */
void process_lockdown(enum role role, const struct start *start);
/* The same in two halves, for a role with threads: they are made between the two, so that they have
 * no capability either (those are each thread's own). demote: all up to the capabilities. confine:
 * rlimits and seccomp; after it no thread can be made. */
void process_demote(enum role role, const struct start *start);
void process_confine(enum role role, const struct start *start);
/* Tells posternd that it works now: a byte on PROCESS_READY, which is closed then. */
void process_ready(void);
/* Has posternd gone? Call when PROCESS_PARENT is readable; anything but its end, or the one message that it
 * may send to this role, is a bug of ours. *said, null for a role that gets none, is set once that came;
 * what it was goes to *heard, if that is not null. */
bool process_orphaned(enum role role, bool *said, struct msg *heard);

const char *process_name(enum role role); /* "postern-auth" */

#endif
