/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which process has something open, a file or a socket: as proc(5) tells who may see it.
 */
#ifndef HOLDER_H
#define HOLDER_H

#include <stdbool.h>
#include <sys/stat.h>

/* Each returns a process's number; 0: there is none, or it can't be seen. */

/* That has this file open to write it. */
long holder_of_file(const struct stat *file);

/* That has the socket of netlink, of this protocol and in this network, with this address (nl_pid): often, but
 * not always, that is its own number. */
long holder_of_netlink(unsigned protocol, unsigned long address);

/* The first for which this is true; pid: in digits. */
long holder_find(bool (*is_it)(const char *pid, const void *context), const void *context);

#endif
