/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp: what each process may ask of the kernel, as plain arrays by topic and one set a process.
 * The default is to kill; a line on stderr or in the log names the call. Loaded last.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "error.h"
#include "msg.h"

/* 0, or -1. Does nothing in a build with sanitizers, whose runtime needs more. */
int sandbox_enter(enum role role, struct error *error);

#endif
