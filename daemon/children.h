/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three processes together: started with the pairs between them, ended together, and started
 * again when one of them died, or does not come to work within a minute: at once the first time, then
 * later and later, until they have lived well for a while. Nothing here waits; posternd's loop tells of time and deaths.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "supply.h"

enum { CHILDREN = 3 };

enum children_state {
	CHILDREN_NONE,     /* none is left; due tells when to start them (0: never) */
	CHILDREN_STARTING, /* until all have said that they work, or due */
	CHILDREN_WORKING,
	CHILDREN_ENDING
};

struct children {
	enum children_state state;
	struct process each[CHILDREN];
	bool works[CHILDREN], killed[CHILDREN];
	bool failed;         /* the end was not ours */
	bool vacating;       /* the firewall is to leave no rule behind */
	bool explained;      /* some child's end says why all end */
	size_t quiet;        /* of each, plus one: the first seen to have just ended, unasked */
	bool sources_broken; /* capture said so; open them again */
	uint64_t due_ms;     /* to start again, to work by, or to kill what does not end */
	uint64_t working_ms; /* since when they work */
	uint64_t ending_ms;  /* since when they end */
	uint32_t delay_ms;   /* before the next start */
};

/* None; before all else. */
void children_clear(struct children *children);

/* 0: starting. -1: none was started; to be tried again at due_ms. */
int children_start(struct children *children, const struct supply *supply, struct error *error);

/* Their end comes: what the firewall holds open is to end with it. Where it does not, or none works, that is
 * told. */
void children_vacate(struct children *children);

/* auth is to tell that a reload was refused; where none works, the next one is told at its start. */
void children_refused(const struct children *children, const struct refused *refused);

/* Asks all to end, as their end of file does. Those that do not are killed: a second later, the
 * firewall, which may have rules to take away, twelve. */
void children_end(struct children *children);

/* What to poll for: CHILDREN entries. */
void children_poll(const struct children *children, struct pollfd *polls);
/* Back from poll: who works now? True when, with this, all do. */
bool children_polled(struct children *children, const struct pollfd *polls);

/* All that have died: logged, and then the others end. */
void children_reap(struct children *children);

/* Not now, but after the delay that the deaths so far ask for. */
void children_put_off(struct children *children);

/* What is due: kills, and the end of a start that takes too long. Starting again is the caller's. */
void children_tick(struct children *children);
/* Until the next thing is due; -1: nothing is. */
int children_timeout_ms(const struct children *children);

#endif
