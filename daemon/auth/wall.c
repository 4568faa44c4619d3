/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wall.h"

#include <stdbool.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int timer = -1;
static bool looked;
static int64_t difference_ms; /* wall less boot at the last look */

int wall_start(void)
{
	/* Only its being cancelled matters; the time itself is never reached. */
	const struct itimerspec never = {.it_value.tv_sec = (time_t)1 << 40};

	looked = false;
	timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (timer == -1)
		return -1;
	const int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	if (timerfd_settime(timer, flags, &never, NULL) == 0)
		return timer;
	close(timer);
	return timer = -1;
}

static uint64_t read_clock(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	return (uint64_t)at.tv_sec * 1000 + (uint64_t)at.tv_nsec / 1000000;
}

int64_t wall_look(struct now *now)
{
	uint64_t expirations;

	/* Reading is what makes it unreadable again; the result says nothing that the clocks do not. */
	if (timer != -1 && read(timer, &expirations, sizeof expirations) == -1)
		expirations = 0;
	now->wall_ms = read_clock(CLOCK_REALTIME);
	now->boot_ms = read_clock(CLOCK_BOOTTIME);
	int64_t before = difference_ms;
	difference_ms = (int64_t)now->wall_ms - (int64_t)now->boot_ms;
	if (!looked)
		before = difference_ms;
	looked = true;
	return difference_ms - before;
}
