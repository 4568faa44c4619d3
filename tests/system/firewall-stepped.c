/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wall clock as postern-firewall sees it, when it is linked with this: two seconds after the
 * start it is set back by an hour. No namespace has a wall clock of its own, and that of the machine
 * is not for a test to set.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static bool armed, stepped;
static int watch = -1;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags);
int __real_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *old);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *old);
ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = __real_clock_gettime(clock, now);

	if (clock == CLOCK_REALTIME && stepped)
		now->tv_sec -= 3600;
	return result;
}

/* As asked for, only that this one really expires. */
int __wrap_timerfd_create(int clock, int flags)
{
	if (clock != CLOCK_REALTIME || !(flags & TFD_NONBLOCK)) {
		errno = EINVAL;
		return -1;
	}
	watch = __real_timerfd_create(CLOCK_MONOTONIC, flags);
	return watch;
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *old)
{
	const struct itimerspec soon = {.it_value.tv_sec = 2};

	if (fd != watch || flags != (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ||
	    value->it_value.tv_sec == 0) {
		errno = EINVAL;
		return -1;
	}
	if (armed)
		return 0;
	armed = true;
	return __real_timerfd_settime(fd, 0, &soon, old);
}

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
	ssize_t got = __real_read(fd, bytes, size);

	if (fd != watch || got == -1)
		return got;
	stepped = true;
	errno = ECANCELED;
	return -1;
}
