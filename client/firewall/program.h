/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs the administrator's own programs (iptables, nft, ipset, sshd): by name from the PATH or where
 * the system's programs are, without a shell, with what it prints bounded in size and time.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

enum { PROGRAM_WORDS = 40, PROGRAM_SAID = 200, PROGRAM_MOST = 64 * 1024 * 1024 };

struct program_output {
	char *text; /* with a terminator */
	size_t size;
	char said
	    [PROGRAM_SAID]; /* the first line on its standard error, and where, made printable */
};

bool program_exists(const char *name);
/* What installs packages here, or again what is installed: "apt-get install"; null: none that is known. */
const char *program_installer(bool again);

/* Runs argv (null at its end) with this input (null: none). Its exit status; or -1 with the error: it
 * could not be run, died, took more than a minute or printed more than most bytes. The caller frees
 * output; a null output: what it prints is thrown away. */
int program_run(struct program_output *output, const char *const *argv, const char *input,
		size_t most, struct error *error);
void program_free(struct program_output *output);

/* The name of a process that runs, or "?". */
enum { PROGRAM_NAME = 40 };
void program_name(char name[static PROGRAM_NAME], long pid);

#endif
