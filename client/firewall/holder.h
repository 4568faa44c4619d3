/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which process has something open, a file or a socket, and which one is what it seems: as proc(5) tells who
 * may see it.
 */
#ifndef HOLDER_H
#define HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Each returns a process's number; 0: there is none, or it can't be seen. */

/* That has this file open to write it. */
long holder_of_file(const struct stat *file);

/* That has it locked, as flock(2) does. */
long holder_of_lock(const struct stat *file);

/* That has the socket of netlink, of this protocol and in this network, with this address (nl_pid): often, but
 * not always, that is its own number. */
long holder_of_netlink(unsigned protocol, unsigned long address);

/* The first for which this is true; pid: in digits. */
long holder_find(bool (*is_it)(const char *pid, const void *context), const void *context);

/* Has it one of these names? Any process may give itself any: so it has to be run by root, or by this user (if not
 * null), and outside of containers. */
bool holder_is_named(const char *pid, const char *const names[], size_t n, const char *user);
/* Which has started it; 0: that can't be seen. */
pid_t holder_parent(pid_t pid);
/* Is it at a terminal of the machine's own: no ssh's, no window's? */
bool holder_at_console(const char *pid);

#endif
