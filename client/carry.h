/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carries bytes both ways between two descriptors and a connected socket, until both ways have
 * ended. The end of one way is handed on as such, and the other goes on.
 */
#ifndef CARRY_H
#define CARRY_H

#include "error.h"

/* in and out may be anything (pipes, sockets, files, a terminal; blocking or not) and their flags stay
 * as they are; out and socket are closed. SIGPIPE has to be ignored. 0, also where nobody reads out
 * any more; or -1: a way broke. */
int carry_run(int in, int out, int socket, struct error *error);

#endif
