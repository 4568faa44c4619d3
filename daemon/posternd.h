/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * posternd: starts the processes that do the work, hands them what they need, and starts them again
 * when one dies. It is root all the time, so it reads its configuration, and nothing else: no
 * packet, no message, no key.
 */
#ifndef POSTERND_H
#define POSTERND_H

/* How it ends. What only somebody who changes the files can mend is 1 or 2, and is not tried again by the unit in
 * contrib/systemd; all else may pass. */
enum {
	POSTERND_DONE = 0,
	POSTERND_BAD_CONFIG = 1, /* or bad keys */
	POSTERND_USAGE = 2,
	POSTERND_BAD_HOST = 3
};

#endif
