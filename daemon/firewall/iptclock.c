/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptclock.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "clocks.h"
#include "log.h"

enum { WAIT_MS = 10000, STEP_MS = 2, STEP_MAX_MS = 16 };

static bool gone(int lock)
{
	struct stat status;

	return fstat(lock, &status) == -1 || status.st_nlink == 0;
}

static void pause_ms(long ms)
{
	const struct timespec span = {.tv_nsec = ms * 1000000};

	nanosleep(&span, NULL);
}

/* Asked for again and again: a lock that is waited for within flock(2) needs a signal to give up. */
static int wait_for(int lock)
{
	uint64_t end_ms = clocks_boot_ms() + WAIT_MS;

	for (long step = STEP_MS; flock(lock, LOCK_EX | LOCK_NB) == -1;) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (clocks_boot_ms() >= end_ms) {
			errno = EWOULDBLOCK;
			return -1;
		}
		pause_ms(step);
		if (step < STEP_MAX_MS)
			step *= 2;
	}
	return 0;
}

int iptclock_take(int lock, struct error *error)
{
	if (wait_for(lock) == -1) {
		if (errno == EWOULDBLOCK)
			return error_set(error,
					 "the xtables lock has been held by another program for "
					 "%d s; `fuser -v /run/xtables.lock` names it",
					 WAIT_MS / 1000);
		return error_set(error, "cannot take the xtables lock: %s", strerror(errno));
	}
	if (gone(lock))
		log_fatal("the xtables lock's file was removed or replaced: ending, to be started "
			  "again with the new one");
	return 0;
}

bool iptclock_try(int lock)
{
	bool ours = flock(lock, LOCK_EX | LOCK_NB) == 0;

	if (ours && gone(lock)) {
		iptclock_release(lock);
		ours = false;
	}
	return ours;
}

void iptclock_release(int lock)
{
	flock(lock, LOCK_UN);
}
