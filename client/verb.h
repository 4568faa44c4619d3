/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of verbs: one table of verbs, one of options, and from them the parsing, the usage
 * errors and all help. Options may stand anywhere on the line; which of them a verb takes, the
 * table says. A token on the command line is refused here, for every verb, without repeating it.
 */
#ifndef VERB_H
#define VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VERB_OPTIONS = 32 };
#define VERB_TAKES(option) (UINT32_C(1) << (option))

struct verb_option {
	const char *name; /* without its dashes */
	char letter;      /* its short form, or 0 */
	const char
	    *argument; /* what it takes, for help; null for a flag; "[TIME]": may be left out */
	const char *help;
};

struct verb;

/* One command line, taken apart. */
struct verb_call {
	const struct verb *verb;
	const char
	    *option[VERB_OPTIONS]; /* by its place in the table; null: not given; a flag: "" */
	char *const *arguments;
	unsigned n_arguments;
};

struct verb {
	const char *name;      /* one word, or two ("key add") */
	const char *arguments; /* for help */
	unsigned least, most;  /* so many arguments */
	uint32_t options;      /* VERB_TAKES of each */
	const char *help;
	int (*run)(const struct verb_call *call); /* returns the exit code */
};

struct verb_program {
	const char *name, *purpose;
	const struct verb *verbs;
	size_t n_verbs;
	const struct verb_option *options;
	size_t n_options; /* up to VERB_OPTIONS */
};

/* What main does: finds the verb, checks the line against the tables, runs. --help, --version, --complete (for
 * shells) and the verb help are known everywhere. Returns the exit code. */
int verb_main(const struct verb_program *program, int argc, char **argv);

/* For errors of usage: "postern open: what; usage: …". Returns SAY_USAGE. */
int verb_misused(const struct verb_call *call, const char *what);

#endif
