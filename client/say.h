/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command-line programs tell a person: one line on standard error, with the program's
 * name before it, and the exit code that goes with it. Whatever the arguments hold, it stays one
 * line (control characters become '?').
 */
#ifndef SAY_H
#define SAY_H

/* Exit codes, as the manuals list them. */
enum say_code {
	SAY_DONE = 0,
	SAY_REFUSED = 1, /* not found, not allowed, not as it must be */
	SAY_USAGE = 2,   /* the command line is wrong */
	SAY_FAILED = 3   /* the daemon or the network failed */
};

void say_start(const char *program);
/* Returns the code, so that verbs can "return say(SAY_REFUSED, ...)". */
int say(enum say_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Lines to paste, as they stand, on standard error as well. */
void say_lines(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A word of a command that is told, for a shell to read: as it is, or in single quotes if it has anything that
 * a shell could take for more than a letter. Of one that does not fit (no path is so long) only that is told,
 * and no shell runs the line. SAY_QUOTED has its own room, to the end of the block. */
enum { SAY_WORD = 4 * 4096 + 8 };
#define SAY_TOO_LONG "<too long to be told>"
const char *say_word(char text[static SAY_WORD], const char *word);
#define SAY_QUOTED(word) say_word((char[SAY_WORD]){0}, word)

/* "posternctl firewall save -f FILE", as it has to be typed for this configuration; of the usual one (or
 * null) without it. */
enum { SAY_COMMAND = SAY_WORD + 100 };
void say_command(char text[static SAY_COMMAND], const char *verb, const char *config_path);

#endif
