/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who listens at a control socket, as the kernel has it (SO_PEERCRED, unix(7)): the process that called
 * listen, which is posternd. It may have died, and left the socket to its processes for a moment.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include <sys/types.h>

/* Connects, and says no word. 0, and *pid (0: who it is can't be seen from here); or -1 with errno. */
int listener_of(const char *path, pid_t *pid);

#endif
