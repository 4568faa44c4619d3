/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process.h"

#ifndef SCMP_ACT_KILL_PROCESS
/* libseccomp before 2.4. Nobody handles the signal, so it ends the process as well. */
#define SCMP_ACT_KILL_PROCESS SCMP_ACT_TRAP
#endif

/* One system call, with up to three conditions on its arguments, all of which must hold. Several
 * lines for one call allow it when any of them does. */
struct rule {
	int call;
	unsigned n;
	struct scmp_arg_cmp if_arg[3];
};

struct topic {
	const struct rule *rules;
	size_t n;
};

#define TOPIC(array)                                    \
	{                                               \
		array, sizeof(array) / sizeof(array)[0] \
	}

/* An int argument: the kernel looks at its lower half only. */
#define IS(arg, value)                                          \
	{                                                       \
		(arg), SCMP_CMP_MASKED_EQ, 0xffffffffu, (value) \
	}
/* None of these bits, or of the others just these. */
#define WITHOUT(arg, bits)                           \
	{                                            \
		(arg), SCMP_CMP_MASKED_EQ, (bits), 0 \
	}
#define BUT_FOR(arg, bits, value)                                                       \
	{                                                                               \
		(arg), SCMP_CMP_MASKED_EQ, 0xffffffffu & ~(scmp_datum_t)(bits), (value) \
	}
#define CALL(name)                     \
	{                              \
		.call = SCMP_SYS(name) \
	}
#define CALL_IF(name, ...)                                                \
	{                                                                 \
		.call = SCMP_SYS(name), .n = 1, .if_arg = { __VA_ARGS__ } \
	}
#define CALL_IF_BOTH(name, ...)                                           \
	{                                                                 \
		.call = SCMP_SYS(name), .n = 2, .if_arg = { __VA_ARGS__ } \
	}
#define CALL_IF_ALL(name, ...)                                            \
	{                                                                 \
		.call = SCMP_SYS(name), .n = 3, .if_arg = { __VA_ARGS__ } \
	}
#define CALL_ON(name, descriptor) CALL_IF(name, IS(0, descriptor))

static const struct rule ending[] = {
    CALL(exit),
    CALL(exit_group),
    CALL(getpid),
    CALL(gettid),
    CALL(restart_syscall),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL_IF(tgkill, IS(2, SIGABRT)),
};

/* Nothing that is written becomes code. */
static const struct rule memory[] = {
    CALL(brk),
    CALL(madvise),
    CALL_IF(mmap, WITHOUT(2, PROT_EXEC)),
    CALL_IF(mprotect, WITHOUT(2, PROT_EXEC)),
    CALL(mremap),
    CALL(munmap),
};

/* Where the vdso cannot tell. */
static const struct rule time_of_day[] = {
    CALL(clock_gettime),
    CALL(gettimeofday),
    CALL(time),
};

static const struct rule waiting[] = {
    CALL(poll),
    CALL(ppoll),
};

/* To where it is connected, and nowhere else: no root folder hides abstract sockets. */
static const struct rule logging[] = {
    CALL_IF_BOTH(sendto, IS(0, PROCESS_LOG), WITHOUT(4, ~(scmp_datum_t)0)),
    CALL_ON(write, STDERR_FILENO),
    CALL_ON(writev, STDERR_FILENO),
};

static const struct rule parent[] = {
    CALL_ON(recvmsg, PROCESS_PARENT),
    CALL_ON(close, PROCESS_READY),
    CALL_ON(write, PROCESS_READY),
};

/* An AF_PACKET source could send, too: so it may be read, and nothing else. */
static const struct rule capture_channel[] = {
    CALL_ON(sendmsg, PROCESS_CAPTURE_AUTH),
};

static const struct rule auth_channels[] = {
    CALL_ON(recvmsg, PROCESS_AUTH_CAPTURE),
    CALL_ON(recvmsg, PROCESS_AUTH_FIREWALL),
    CALL_ON(sendmsg, PROCESS_AUTH_FIREWALL),
};

/* Questions on the control socket; whoever asks is known by its credentials. */
static const struct rule questions[] = {
    CALL_ON(accept4, PROCESS_AUTH_CONTROL),
    CALL(close),
    CALL_IF_BOTH(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_PEERCRED)),
    CALL_IF(recvfrom, WITHOUT(4, ~(scmp_datum_t)0)),
    CALL_IF(sendto, WITHOUT(4, ~(scmp_datum_t)0)),
};

/* SQLite in WAL mode with exclusive locking, within its own folder; a record that is no good is
 * renamed, and a new one linked into its place. */
static const struct rule files[] = {
    CALL(access),
    CALL(faccessat),
    CALL_IF(fcntl, IS(1, F_GETFD)),
    CALL_IF(fcntl, IS(1, F_GETFL)),
    CALL_IF(fcntl, IS(1, F_GETLK)),
    CALL_IF(fcntl, IS(1, F_SETFD)),
    CALL_IF(fcntl, IS(1, F_SETFL)),
    CALL_IF(fcntl, IS(1, F_SETLK)),
    CALL_IF(fcntl, IS(1, F_SETLKW)),
    CALL(fchmod),
    CALL(fchown),
    CALL(fdatasync),
    CALL(fstat),
    CALL(fsync),
    CALL(ftruncate),
    CALL(getcwd),
    CALL(geteuid),
    CALL(getuid),
    CALL(link),
    CALL(linkat),
    CALL(lseek),
    CALL(lstat),
    CALL(newfstatat),
    CALL(open),
    CALL(openat),
    CALL(pread64),
    CALL(pwrite64),
    CALL(read),
    CALL(readlink),
    CALL(readlinkat),
    CALL(rename),
    CALL(renameat),
    CALL(renameat2),
    CALL(stat),
    CALL(unlink),
    CALL(unlinkat),
    CALL(write),
};

static const struct rule threads[] = {
    CALL(futex),
    CALL(sched_yield),
};

static const struct rule events[] = {
    CALL(clock_nanosleep),
    CALL(getrandom),
    CALL(nanosleep),
    CALL(timerfd_settime),
};

static const struct rule firewall_channel[] = {
    CALL_ON(recvmsg, PROCESS_FIREWALL_AUTH),
    CALL_ON(sendmsg, PROCESS_FIREWALL_AUTH),
};

/* What libiptc asks of the kernel: IPT_SO_* and IP6T_SO_* are 64 to 67. */
#define XT_OPTION BUT_FOR(2, 3, 64)
static const struct rule iptc[] = {
    CALL(close),
    CALL_IF_BOTH(fcntl, IS(1, F_SETFD), IS(2, FD_CLOEXEC)),
    CALL_ON(flock, PROCESS_FIREWALL_LOCK),
    CALL_ON(fstat, PROCESS_FIREWALL_LOCK),
    CALL_ON(newfstatat, PROCESS_FIREWALL_LOCK),
    CALL_IF_BOTH(getsockopt, IS(1, SOL_IP), XT_OPTION),
    CALL_IF_BOTH(getsockopt, IS(1, SOL_IPV6), XT_OPTION),
    CALL_IF_BOTH(setsockopt, IS(1, SOL_IP), XT_OPTION),
    CALL_IF_BOTH(setsockopt, IS(1, SOL_IPV6), XT_OPTION),
    CALL_IF_BOTH(socket, IS(0, AF_INET), BUT_FOR(1, SOCK_CLOEXEC, SOCK_RAW)),
    CALL_IF_BOTH(socket, IS(0, AF_INET6), BUT_FOR(1, SOCK_CLOEXEC, SOCK_RAW)),
};

/* Is an address our own? A socket that was opened without the power to change anything tells. */
static const struct rule own_address[] = {
    CALL_ON(recvfrom, PROCESS_FIREWALL_ROUTES),
    CALL_ON(sendto, PROCESS_FIREWALL_ROUTES),
};

/* The kernel's netfilter is asked, and told, through sockets that were opened before; beside them
 * there are those to posternd and its processes alone, and no other can be made. */
static const struct rule netlink[] = {
    CALL(recvmsg),
    CALL(sendmsg),
    CALL(sendto),
};

/* So does libnftables, with room for as much as it has to say. */
static const struct rule nftables[] = {
    CALL_IF_BOTH(getsockopt, IS(1, SOL_SOCKET), IS(2, SO_SNDBUF)),
    CALL(pselect6),
    CALL(select),
    CALL_IF_BOTH(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_RCVBUF)),
    CALL_IF_BOTH(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_RCVBUFFORCE)),
    CALL_IF_BOTH(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_SNDBUF)),
    CALL_IF_BOTH(setsockopt, IS(1, SOL_SOCKET), IS(2, SO_SNDBUFFORCE)),
};

static const struct rule timers[] = {
    CALL(clock_nanosleep),
    CALL(nanosleep),
    CALL(read),
    CALL(timerfd_settime),
};

static const struct topic capture_set[] = {
    TOPIC(ending),  TOPIC(memory), TOPIC(time_of_day),     TOPIC(waiting),
    TOPIC(logging), TOPIC(parent), TOPIC(capture_channel),
};

static const struct topic auth_set[] = {
    TOPIC(ending),  TOPIC(memory),  TOPIC(time_of_day),   TOPIC(waiting),
    TOPIC(logging), TOPIC(parent),  TOPIC(auth_channels), TOPIC(questions),
    TOPIC(files),   TOPIC(threads), TOPIC(events),
};

static const struct topic firewall_set[] = {
    TOPIC(ending), TOPIC(memory), TOPIC(time_of_day),      TOPIC(waiting),     TOPIC(logging),
    TOPIC(parent), TOPIC(timers), TOPIC(firewall_channel), TOPIC(own_address),
};
static const struct topic iptc_set[] = {TOPIC(iptc)};
static const struct topic ipset_set[] = {TOPIC(netlink)};
static const struct topic nft_set[] = {TOPIC(netlink), TOPIC(nftables)};

static const struct {
	enum role role;
	uint32_t firewall; /* 0: any */
	const struct topic *topics;
	size_t n;
} sets[] = {
    {ROLE_CAPTURE, 0, capture_set, sizeof(capture_set) / sizeof(*capture_set)},
    {ROLE_AUTH, 0, auth_set, sizeof(auth_set) / sizeof(*auth_set)},
    {ROLE_FIREWALL, 0, firewall_set, sizeof(firewall_set) / sizeof(*firewall_set)},
    {ROLE_FIREWALL, CONFIG_IPTC, iptc_set, sizeof(iptc_set) / sizeof(*iptc_set)},
    {ROLE_FIREWALL, CONFIG_IPSET, ipset_set, sizeof(ipset_set) / sizeof(*ipset_set)},
    {ROLE_FIREWALL, CONFIG_NFT, nft_set, sizeof(nft_set) / sizeof(*nft_set)},
};

#if defined(SANITIZERS)
/* Their runtime needs more than any set allows. */
#elif defined(SANDBOX_DEBUG)
/* Which call was it? Only what may be done within a signal handler; the number is for ausyscall(8). */
static void tell(int signal, siginfo_t *info, void *context)
{
	char line[] = "sandbox: system call 0000 is not allowed\n";
	unsigned call = (unsigned)info->si_syscall;

	(void)signal;
	(void)context;
	for (char *digit = strchr(line, ' ') + sizeof("system call 000"); call > 0; call /= 10)
		*digit-- = (char)('0' + call % 10);
	/* One of the two is /dev/null or no socket. */
	bool told = write(STDERR_FILENO, line, sizeof(line) - 1) > 0;
	told |= send(PROCESS_LOG, line, sizeof(line) - 2, MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
	_exit(told ? 128 + SIGSYS : 127);
}

static uint32_t refusal(void)
{
	struct sigaction action = {.sa_sigaction = tell, .sa_flags = SA_SIGINFO};

	sigaction(SIGSYS, &action, NULL);
	return SCMP_ACT_TRAP;
}
#else
static uint32_t refusal(void)
{
	return SCMP_ACT_KILL_PROCESS;
}
#endif

static int allow(scmp_filter_ctx filter, const struct rule *rules, size_t n)
{
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++)
		result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rules[i].call, rules[i].n,
						rules[i].if_arg);
	return result;
}

/* Whatever number of sources there is: beyond it there are no descriptors, and none can be made. */
static int allow_sources(scmp_filter_ctx filter)
{
	int result = 0;

	for (unsigned i = 0; i < SOURCE_DESCRIPTORS && result == 0; i++) {
		const struct rule reading[] = {
		    CALL_ON(recvmsg, PROCESS_CAPTURE_SOURCES + i),
		    CALL_ON(recvfrom, PROCESS_CAPTURE_SOURCES + i),
		    CALL_ON(read, PROCESS_CAPTURE_SOURCES + i), /* a pipe: log */
		    CALL_ON(pread64, PROCESS_CAPTURE_SOURCES + i), /* a file of packets */
		};
		result = allow(filter, reading, sizeof(reading) / sizeof(*reading));
	}
	return result;
}

static int fill(scmp_filter_ctx filter, enum role role, uint32_t firewall)
{
	int result = role == ROLE_CAPTURE ? allow_sources(filter) : 0;
	bool known = false;

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		if (sets[i].role != role || (sets[i].firewall != 0 && sets[i].firewall != firewall))
			continue;
		known = true;
		for (size_t j = 0; j < sets[i].n && result == 0; j++)
			result = allow(filter, sets[i].topics[j].rules, sets[i].topics[j].n);
	}
	return known ? result : -EINVAL;
}

int sandbox_print(enum role role, uint32_t firewall, uint32_t architecture, int out)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int result = -ENOMEM;

	if (filter == NULL)
		return -1;
	result = seccomp_arch_add(filter, architecture);
	if (result == -EEXIST)
		result = 0;
	else if (result == 0)
		result = seccomp_arch_remove(filter, seccomp_arch_native());
	if (result == 0)
		result = fill(filter, role, firewall);
	if (result == 0)
		result = seccomp_export_pfc(filter, out);
	seccomp_release(filter);
	return result == 0 ? 0 : -1;
}

#ifdef SANITIZERS
int sandbox_enter(enum role role, uint32_t firewall, struct error *error)
{
	(void)role;
	(void)firewall;
	(void)error;
	return 0;
}
#else
int sandbox_enter(enum role role, uint32_t firewall, struct error *error)
{
	scmp_filter_ctx filter = seccomp_init(refusal());
	int result = -ENOMEM;

	if (filter == NULL)
		goto out;
	result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (result == 0) /* threads that are there already are held to it, too */
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (result == 0)
		result = fill(filter, role, firewall);
	if (result == 0)
		result = seccomp_load(filter);
out:
	seccomp_release(filter);
	if (result != 0)
		return error_set(
		    error, "cannot enter the sandbox: %s; is CONFIG_SECCOMP_FILTER in this kernel?",
		    strerror(-result));
	return 0;
}
#endif
