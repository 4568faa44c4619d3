/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * postern-auth: the process that holds the keys and decides. Without network and without privilege:
 * sightings come from capture, orders go to firewall, questions come in on the control socket, and
 * the record is in its own folder, which is all it can see.
 *
 * With -t it only checks a key file: the one that posternd hands over, or standard input.
 */
#ifndef AUTH_H
#define AUTH_H

/* How it ends, other than by a signal, log_fatal (3) or with PROCESS_BAD_KEYS. */
enum {
	AUTH_DONE = 0, /* posternd, or a process beside it, has gone */
	AUTH_USAGE = 2,
	AUTH_NO_RECORD = 4 /* the record cannot be opened, or was not written */
};

#endif
