/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each role's set can be made, here and for the other architecture, and allows no way to a new
 * program or to executable memory. What it lets through at work, the system tests show.
 */
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build.h"
#include "process.h"
#include "sandbox.h"
#include "unit.h"

static const struct {
	enum role role;
	uint32_t firewall;
} sets[] = {
    {ROLE_CAPTURE, CONFIG_IPTC}, {ROLE_AUTH, CONFIG_IPTC},    {ROLE_FIREWALL, CONFIG_IPTC},
    {ROLE_FIREWALL, CONFIG_NFT}, {ROLE_FIREWALL, CONFIG_IPSET}, {ROLE_FIREWALL, CONFIG_NONE},
};

static char *printed(enum role role, uint32_t firewall, uint32_t architecture)
{
	static char text[256 * 1024];
	FILE *file = tmpfile();

	assert_non_null(file);
	assert_int_equal(sandbox_print(role, firewall, architecture, fileno(file)), 0);
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void never_allows(const char *text)
{
	static const char *const calls[] = {
	    "execve",  "execveat", "fork",   "clone",          "ptrace", "process_vm_readv",
	    "prctl",   "capset",   "setuid", "chroot",         "mount",  "unshare",
	    "connect", "listen",   "kill",   "io_uring_setup", "bpf",    "ioctl",
	};
	char line[64];

	for (size_t i = 0; i < COUNT(calls); i++) {
		snprintf(line, sizeof(line), "filter for syscall \"%s\"", calls[i]);
		assert_null(strstr(text, line));
	}
}

static void each_set_on_each_architecture(void **state)
{
	static const uint32_t architectures[] = {SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64};

	(void)state;
	for (size_t i = 0; i < COUNT(architectures); i++)
		for (size_t j = 0; j < COUNT(sets); j++) {
			const char *text = printed(sets[j].role, sets[j].firewall, architectures[i]);
			never_allows(text);
			assert_non_null(strstr(text, "filter for syscall \"ppoll\""));
			assert_non_null(strstr(text, "filter for syscall \"recvmsg\""));
			assert_non_null(strstr(text, "filter for syscall \"sendmsg\""));
		}
}

static void only_who_needs_them(void **state)
{
	(void)state;
	assert_null(strstr(printed(ROLE_CAPTURE, 0, SCMP_ARCH_NATIVE), "\"openat\""));
	assert_null(strstr(printed(ROLE_CAPTURE, 0, SCMP_ARCH_NATIVE), "\"socket\""));
	assert_null(strstr(printed(ROLE_CAPTURE, 0, SCMP_ARCH_NATIVE), "\"setsockopt\""));
	for (uint32_t kind = CONFIG_IPTC; kind <= CONFIG_NONE; kind++)
		assert_null(strstr(printed(ROLE_FIREWALL, kind, SCMP_ARCH_NATIVE), "\"openat\""));
	for (uint32_t kind = CONFIG_IPSET; kind <= CONFIG_NONE; kind++)
		assert_null(strstr(printed(ROLE_FIREWALL, kind, SCMP_ARCH_NATIVE), "\"socket\""));
	assert_null(strstr(printed(ROLE_FIREWALL, CONFIG_NONE, SCMP_ARCH_NATIVE), "\"setsockopt\""));
	assert_null(strstr(printed(ROLE_AUTH, 0, SCMP_ARCH_NATIVE), "\"socket\""));
	assert_null(strstr(printed(ROLE_AUTH, 0, SCMP_ARCH_NATIVE), "\"setsockopt\""));
}

static void posternd_has_none(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	assert_int_equal(sandbox_print(ROLE_POSTERND, CONFIG_IPTC, SCMP_ARCH_NATIVE, fileno(file)), -1);
	fclose(file);
}

#if !defined(SANITIZERS) && !defined(SANDBOX_DEBUG)
/* Attempts, each in a process of its own that has entered capture's sandbox. */
static void send_on_channel(void)
{
	char byte = 0;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr record = {.msg_iov = &part, .msg_iovlen = 1};

	sendmsg(PROCESS_CAPTURE_AUTH, &record, MSG_NOSIGNAL);
}

static void send_on_source(void)
{
	char byte = 0;
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr record = {.msg_iov = &part, .msg_iovlen = 1};

	sendmsg(PROCESS_CAPTURE_SOURCES, &record, MSG_NOSIGNAL);
}

static void sendto_source(void)
{
	send(PROCESS_CAPTURE_SOURCES, "x", 1, MSG_NOSIGNAL);
}

static void log_a_line(void)
{
	send(PROCESS_LOG, "x", 1, MSG_NOSIGNAL);
}

static void send_elsewhere(void)
{
	const struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0postern-test"};

	sendto(PROCESS_LOG, "x", 1, MSG_NOSIGNAL, (const struct sockaddr *)&name, sizeof(name));
}

static void send_elsewhere_with_more(void)
{
	struct msghdr message = {0};

	sendmsg(PROCESS_LOG, &message, MSG_NOSIGNAL);
}

static void receive_on_source(void)
{
	char byte;

	recv(PROCESS_CAPTURE_SOURCES, &byte, 1, MSG_DONTWAIT);
}

static void read_source(void)
{
	char byte;

	/* Which is not there: only whether it may be asked for matters. */
	(void)!read(PROCESS_CAPTURE_SOURCES, &byte, 1);
	(void)!pread(PROCESS_CAPTURE_SOURCES, &byte, 1, 0);
}

static void write_source(void)
{
	(void)!write(PROCESS_CAPTURE_SOURCES, "x", 1);
}

static void receive_beyond_sources(void)
{
	char byte;

	recv(PROCESS_CAPTURE_SOURCES + SOURCE_DESCRIPTORS, &byte, 1, MSG_DONTWAIT);
}

static void open_a_file(void)
{
	open("/dev/null", O_RDONLY);
}

static void make_a_socket(void)
{
	socket(AF_INET, SOCK_DGRAM, 0);
}

static void allocate(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void allocate_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void read_a_file(void)
{
	char byte;

	if (read(PROCESS_LOG, &byte, 1) == -1)
		_exit(1);
}

static void run_a_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static int fate_of(void (*attempt)(void))
{
	struct error error;
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    sandbox_enter(ROLE_CAPTURE, CONFIG_IPTC, &error) == -1)
			_exit(100);
		attempt();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void capture_may_do_its_work_only(void **state)
{
	(void)state;
	assert_int_equal(fate_of(send_on_channel), 0);
	assert_int_equal(fate_of(log_a_line), 0);
	assert_int_equal(fate_of(send_elsewhere), -SIGSYS);
	assert_int_equal(fate_of(send_elsewhere_with_more), -SIGSYS);
	assert_int_equal(fate_of(receive_on_source), 0);
	assert_int_equal(fate_of(allocate), 0);
	assert_int_equal(fate_of(read_source), 0);
	assert_int_equal(fate_of(write_source), -SIGSYS);
	assert_int_equal(fate_of(send_on_source), -SIGSYS);
	assert_int_equal(fate_of(sendto_source), -SIGSYS);
	assert_int_equal(fate_of(receive_beyond_sources), -SIGSYS);
	assert_int_equal(fate_of(open_a_file), -SIGSYS);
	assert_int_equal(fate_of(make_a_socket), -SIGSYS);
	assert_int_equal(fate_of(allocate_code), -SIGSYS);
	assert_int_equal(fate_of(read_a_file), -SIGSYS);
	assert_int_equal(fate_of(run_a_program), -SIGSYS);
	assert_int_equal(fate_of(abort), -SIGABRT);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_set_on_each_architecture),
		cmocka_unit_test(only_who_needs_them),
		cmocka_unit_test(posternd_has_none),
#if !defined(SANITIZERS) && !defined(SANDBOX_DEBUG)
		cmocka_unit_test(capture_may_do_its_work_only),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
