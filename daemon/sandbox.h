/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp: what each process may ask of the kernel, as plain arrays by topic and one set a process.
 * The default is to kill the process; --enable-sandbox-debug builds name the call. Loaded last.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "error.h"
#include "msg.h"

/* 0, or -1. firewall is the backend of postern-firewall's, enum config_firewall. All threads of
 * the process are held to it. Does nothing in a build with sanitizers, whose runtime needs more. */
int sandbox_enter(enum role role, uint32_t firewall, struct error *error);

/* The set in words, as another architecture (SCMP_ARCH_...) would have it too. For tests. */
int sandbox_print(enum role role, uint32_t firewall, uint32_t architecture, int out);

#endif
