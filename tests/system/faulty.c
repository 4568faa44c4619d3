/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that fail when they are told to: linked into one of the suite's real programs, these take the
 * place of the C library's, for all libraries, too. What they do not refuse they hand on. (strace can
 * make system calls fail, but a process under our filter does not survive how it does that.)
 *
 * Memory is not refused to who does not bear it: libseccomp 2.5, which never returns, and libgcrypt
 * where it looks whether this is a FIPS system, which tells syslog itself and aborts.
 */
#include "faulty.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

static struct faulty *shared;
static bool looking;
static __thread bool spared;

/* The C library's own. To look it up may take memory: then there is none, which it knows to bear. */
static void *next(const char *name)
{
	looking = true;
	void *found = dlsym(RTLD_NEXT, name);
	looking = false;
	return found;
}

static bool is_spared(const void *caller)
{
	Dl_info info;

	return spared || (dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
			  strstr(info.dli_fname, "libseccomp") != NULL);
}

__attribute__((constructor)) static void begin(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 8);

	if (length == -1)
		return;
	memcpy(path + length, ".faulty", 8);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return;
	void *page = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (page != MAP_FAILED)
		shared = page;
}

/* Whether this call is to fail; with its errno. */
static bool fails(const char *call, const void *caller)
{
	if (shared == NULL || strcmp(shared->call, call) != 0)
		return false;
	uint64_t number = __atomic_add_fetch(&shared->calls, 1, __ATOMIC_SEQ_CST);
	uint64_t first = __atomic_load_n(&shared->first, __ATOMIC_SEQ_CST);
	if (first == 0 || number < first || number - first >= shared->count)
		return false;
	if (caller != NULL && is_spared(caller)) { /* the next one, then */
		if (shared->failed == 0)
			shared->first = number + 1;
		return false;
	}
	__atomic_add_fetch(&shared->failed, 1, __ATOMIC_SEQ_CST);
	errno = (int)shared->error;
	return true;
}

static bool refused(const void *caller)
{
	return looking || fails("memory", caller);
}

/* type name(parameters), which is handed on with these arguments unless the condition holds */
#define CALL(type, failure, refuse, name, parameters, ...) \
	type name parameters                               \
	{                                                  \
		static type(*real) parameters;             \
                                                           \
		if (refuse)                                \
			return failure;                    \
		if (real == NULL)                          \
			*(void **)&real = next(#name);     \
		return real(__VA_ARGS__);                  \
	}
#define ALLOCATES(name, parameters, ...) \
	CALL(void *, NULL, refused(__builtin_return_address(0)), name, parameters, __VA_ARGS__)
#define FAILS(type, name, parameters, ...) \
	CALL(type, -1, fails(#name, NULL), name, parameters, __VA_ARGS__)

ALLOCATES(malloc, (size_t size), size)
ALLOCATES(calloc, (size_t count, size_t size), count, size)
ALLOCATES(realloc, (void *memory, size_t size), memory, size)

FAILS(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), fd, message, flags)
FAILS(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), fd, message, flags)
FAILS(ssize_t, recvfrom,
      (int fd, void *restrict bytes, size_t size, int flags, struct sockaddr *restrict from,
       socklen_t *restrict length),
      fd, bytes, size, flags, from, length)
FAILS(ssize_t, sendto,
      (int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to,
       socklen_t length),
      fd, bytes, size, flags, to, length)
FAILS(int, accept4, (int fd, struct sockaddr *restrict from, socklen_t *restrict length, int flags),
      fd, from, length, flags)
FAILS(int, socket, (int domain, int type, int protocol), domain, type, protocol)
FAILS(int, getsockopt,
      (int fd, int level, int option, void *restrict value, socklen_t *restrict size), fd, level,
      option, value, size)
FAILS(int, setsockopt, (int fd, int level, int option, const void *value, socklen_t size), fd,
      level, option, value, size)
FAILS(int, poll, (struct pollfd * polls, nfds_t count, int timeout), polls, count, timeout)
/* What poll becomes where the compiler knows how many there may be. */
int __poll_chk(struct pollfd *polls, nfds_t count, int timeout, size_t size);
CALL(int, -1, fails("poll", NULL), __poll_chk,
     (struct pollfd * polls, nfds_t count, int timeout, size_t size), polls, count, timeout, size)
FAILS(int, timerfd_settime,
      (int fd, int flags, const struct itimerspec *value, struct itimerspec *before), fd, flags,
      value, before)
FAILS(int, eventfd_write, (int fd, eventfd_t value), fd, value)
FAILS(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off64_t at), fd, bytes, size, at)
FAILS(ssize_t, pread64, (int fd, void *bytes, size_t size, off64_t at), fd, bytes, size, at)
FAILS(int, fsync, (int fd), fd)
FAILS(int, fdatasync, (int fd), fd)
FAILS(int, flock, (int fd, int operation), fd, operation)

FILE *fopen(const char *restrict path, const char *restrict mode)
{
	static FILE *(*real)(const char *, const char *);

	if (real == NULL)
		*(void **)&real = next("fopen");
	spared = strstr(path, "fips") != NULL;
	FILE *file = real(path, mode);
	spared = false;
	return file;
}
