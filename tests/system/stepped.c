/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wall clock as a process sees it that is linked with this: ahead of the machine's by as many
 * milliseconds as a file "clock" beside the program says, at every moment. No namespace has a wall clock
 * of its own, and that of the machine is not for a test to set.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 20 };

static const int64_t *shared; /* null: there is no such file */
static int64_t seen_ms;       /* at the last look */
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

__attribute__((constructor)) static void begin(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

	if (length == -1)
		return;
	path[length] = '\0';
	char *name = strrchr(path, '/') + 1;
	if (snprintf(name, (size_t)(path + sizeof path - name), "clock") != 5)
		return;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	void *page = mmap(NULL, sizeof *shared, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (page == MAP_FAILED)
		return;
	shared = page;
	seen_ms = *shared;
}

static int64_t ahead_ms(void)
{
	return shared == NULL ? 0 : __atomic_load_n(shared, __ATOMIC_SEQ_CST);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = __real_clock_gettime(clock, now);

	if (clock == CLOCK_REALTIME) {
		int64_t ms = ahead_ms() + now->tv_nsec / 1000000;
		now->tv_sec += ms / 1000;
		now->tv_nsec = ms % 1000 * 1000000 + now->tv_nsec % 1000000;
		if (now->tv_nsec < 0) {
			now->tv_sec--;
			now->tv_nsec += 1000000000;
		}
	}
	return result;
}

/* As asked for, only that this one looks at our clock. */
int __wrap_timerfd_create(int clock, int flags)
{
	if (clock != CLOCK_REALTIME)
		return __real_timerfd_create(clock, flags);
	if (!(flags & TFD_NONBLOCK)) {
		errno = EINVAL;
		return -1;
	}
	watch = __real_timerfd_create(CLOCK_MONOTONIC, flags);
	return watch;
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *old)
{
	const struct itimerspec looks = {.it_value.tv_nsec = LOOK_MS * 1000000,
					 .it_interval.tv_nsec = LOOK_MS * 1000000};

	if (fd != watch)
		return __real_timerfd_settime(fd, flags, value, old);
	if (flags != (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) || value->it_value.tv_sec == 0) {
		errno = EINVAL;
		return -1;
	}
	return __real_timerfd_settime(fd, 0, &looks, old);
}

/* It never expires: it is cancelled, or nothing. */
ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
	ssize_t got = __real_read(fd, bytes, size);

	if (fd != watch)
		return got;
	errno = ahead_ms() == seen_ms ? EAGAIN : ECANCELED;
	seen_ms = ahead_ms();
	return -1;
}
