/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that change the firewall, in order: printed for a person and a shell, or run. Both come
 * from the same steps, so what was shown is what is done. All of them can be run again.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"

struct plan_step;

struct plan {
	struct plan_step *steps;
	size_t n_steps;
	bool failed; /* out of memory */
};

void plan_free(struct plan *plan);

/* A line for the reader. */
void plan_comment(struct plan *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A command: words with a blank between. */
void plan_command(struct plan *plan, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The command that was added last gets this on its standard input; the text is taken over. */
void plan_input(struct plan *plan, char *text);
/* It is run only where this command fails, or (words not null) does not print words. */
void plan_unless(struct plan *plan, const char *words, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* It may fail. */
void plan_may_fail(struct plan *plan);

/* As a script for sh. */
void plan_print(const struct plan *plan, FILE *out);
/* 0; or -1 with the command that failed, and what it said. */
int plan_run(const struct plan *plan, struct error *error);

#endif
