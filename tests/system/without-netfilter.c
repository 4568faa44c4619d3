/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program as on a kernel that has neither nfnetlink nor x_tables: what asks for them is
 * answered as such a kernel answers. With --above BYTES as on one that has no memory for a greater
 * table of iptables's.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { XT_FIRST = 64, XT_LAST = 67 }; /* IPT_SO_… and IP6T_SO_… */

#define IS(number, value) \
	((struct scmp_arg_cmp){.arg = (number), .op = SCMP_CMP_EQ, .datum_a = (value)})

static int refuse(scmp_filter_ctx filter)
{
	int result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPROTONOSUPPORT), SCMP_SYS(socket), 2,
				      IS(0, AF_NETLINK), IS(2, NETLINK_NETFILTER));

	for (unsigned option = XT_FIRST; option <= XT_LAST && result == 0; option++) {
		result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT), SCMP_SYS(getsockopt),
					  2, IS(1, SOL_IP), IS(2, option));
		if (result == 0)
			result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT),
						  SCMP_SYS(getsockopt), 2, IS(1, SOL_IPV6),
						  IS(2, option));
	}
	return result;
}

static int refuse_above(scmp_filter_ctx filter, const char *bytes)
{
	const struct scmp_arg_cmp more = {
	    .arg = 4, .op = SCMP_CMP_GT, .datum_a = strtoul(bytes, NULL, 10)};

	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOMEM), SCMP_SYS(setsockopt), 3,
				IS(1, SOL_IP), IS(2, XT_FIRST), more);
}

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const char *above = NULL;

	if (argc > 3 && strcmp(argv[1], "--above") == 0) {
		above = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 2 || filter == NULL ||
	    (above != NULL ? refuse_above(filter, above) : refuse(filter)) != 0 ||
	    seccomp_load(filter) != 0) {
		fputs("usage: without-netfilter [--above BYTES] PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	seccomp_release(filter);
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 2;
}
