/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * posternd's side of a process: makes one, hands it its descriptors under the numbers that process.h
 * gives them, tells it what it must know, and knows how it died.
 */
#ifndef SPAWN_H
#define SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "error.h"
#include "msg.h"
#include "process.h"

struct process {
	enum role role;
	pid_t pid;   /* 0: not running */
	int channel; /* to it, for writing only: START; its end tells it to end. -1: none */
	int ready;   /* a byte comes once it works; its end without one: it never will. -1: none */
};

/* Starts the program with its descriptors as process.h numbers them: own[i] becomes
 * PROCESS_FIRST + i, and -1 stands for /dev/null; all others are closed. log is the socket for
 * PROCESS_LOG, or -1: then the child logs to our stderr, and has /dev/null otherwise. START is
 * there before the program is. The environment is empty, and signals that a terminal or a service manager
 * sends to all processes are ignored. 0; or -1 with errno (the program's own,
 * where it could not be executed), and nothing is left behind. */
int spawn_process(struct process *process, enum role role, const char *program,
		  const struct start *start, int log, const int *own, size_t n_own);

/* Runs a program with such descriptors (PROCESS_LOG and PROCESS_READY are /dev/null, and so is
 * PROCESS_PARENT without start) and these arguments to its end, as this user (null: as we are). Its exit
 * status, 128 + the signal that ended it, or -1 with errno; and the last line that it wrote to stderr. To
 * be run are only programs that have heard nothing of strangers: for the host is put on trial, and files of
 * its administrator. */
struct spawn_user {
	uid_t uid;
	gid_t gid;
};
int spawn_check(const char *program, const char *const *argv, const struct spawn_user *user,
		const struct start *start, const int *own, size_t n_own, struct error *said);

/* Closes what is ours of it. The process itself is for who waits for it. */
void spawn_forget(struct process *process);

#endif
