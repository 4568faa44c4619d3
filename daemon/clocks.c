/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clocks.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ms(clockid_t clock)
{
	struct timespec now = {0};

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t clocks_boot_ms(void)
{
	return (uint64_t)clock_ms(CLOCK_BOOTTIME);
}

uint64_t clocks_wall_ms(void)
{
	return (uint64_t)clock_ms(CLOCK_REALTIME);
}

int64_t clocks_offset_ms(void)
{
	/* In this order: time that passes between the two makes it smaller. */
	int64_t wall = clock_ms(CLOCK_REALTIME);

	return wall - clock_ms(CLOCK_BOOTTIME) - 1;
}

static int arm(int watch)
{
	/* It is never to expire (2262 is where the kernel's count ends), only to be cancelled. */
	const struct itimerspec never = {.it_value.tv_sec = (time_t)(INT64_MAX / 1000000000)};

	return timerfd_settime(watch, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int clocks_watch(void)
{
	int watch = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	if (watch == -1 || arm(watch) == 0)
		return watch;
	close(watch);
	return -1;
}

bool clocks_stepped(int watch)
{
	uint64_t times;
	bool stepped = read(watch, &times, sizeof(times)) == -1 && errno == ECANCELED;

	/* A step between the two is told by the call itself, which arms nevertheless. */
	return (arm(watch) == -1 && errno == ECANCELED) || stepped;
}
