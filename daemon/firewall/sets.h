/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What backends have in common whose kernel keeps elements, not rules. An element is an address and
 * a door; grants may share one, and it ends with the last of them. Which elements does a commit
 * concern, and when must each end? What is found there, is it as it must be? The cost of an answer
 * does not grow with the number of grants.
 */
#ifndef SETS_H
#define SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend.h"

struct sets_element {
	uint64_t until_ms; /* CLOCK_BOOTTIME; 0: it must not be there */
	struct address address;
	struct door door;
};

/* Before lockdown. */
int sets_start(struct error *error);

/* Takes what a commit brings, and returns the elements of a family that it concerns, each once;
 * with all, those that live. Holds until the next call. */
const struct sets_element *sets_take(const struct rules *rules, bool v4, size_t *n);
/* That commit has failed: what it brought is not so. */
void sets_forget(void);

struct sets_look {
	uint64_t now_ms;
	bool changed;
};

/* Compares what there is with what must be: begin; then at, for each element that was found, with what
 * is left of its time (0: it has no end); then end: all of that family is there, and nothing else. */
void sets_look(struct sets_look *look, const struct rules *rules, uint64_t now_ms);
void sets_look_at(const struct sets_element *found, void *look);
bool sets_look_end(const struct sets_look *look, bool v4);

#endif
