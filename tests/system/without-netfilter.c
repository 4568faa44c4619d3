/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program as on a kernel that has neither nfnetlink nor x_tables: what asks for them is
 * answered as such a kernel answers.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { XT_FIRST = 64, XT_LAST = 67 }; /* IPT_SO_… and IP6T_SO_… */

static int refuse(scmp_filter_ctx filter)
{
	int result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
				      SCMP_A0_32(SCMP_CMP_EQ, AF_NETLINK),
				      SCMP_A2_32(SCMP_CMP_EQ, NETLINK_NETFILTER));

	for (unsigned option = XT_FIRST; option <= XT_LAST && result == 0; option++) {
		result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT), SCMP_SYS(getsockopt),
					  2, SCMP_A1_32(SCMP_CMP_EQ, SOL_IP),
					  SCMP_A2_32(SCMP_CMP_EQ, option));
		if (result == 0)
			result = seccomp_rule_add(
			    filter, SCMP_ACT_ERRNO(ENOPROTOOPT), SCMP_SYS(getsockopt), 2,
			    SCMP_A1_32(SCMP_CMP_EQ, SOL_IPV6), SCMP_A2_32(SCMP_CMP_EQ, option));
	}
	return result;
}

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 2 || filter == NULL || refuse(filter) != 0 || seccomp_load(filter) != 0) {
		fputs("usage: without-netfilter PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	seccomp_release(filter);
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 2;
}
