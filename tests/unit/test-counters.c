/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the policies of legacy iptables had counted, put together with what they count since.
 */
#include "unit.h"

#include <stdlib.h>

#include "../../client/firewall/counters.h"

static void check(const char *then, const char *now, const char *wanted)
{
	char *text = counters_merged(then, now);
	assert_string_equal(text, wanted);
	free(text);
}

#define MANGLE "*mangle\n:INPUT ACCEPT [7:700]\n:POSTERN - [0:0]\nCOMMIT\n"

static void test_zeroed(void **state)
{
	(void)state;
	check("# by\n" MANGLE "*filter\n:INPUT DROP [12:345]\n:OUTPUT ACCEPT [0:0]\n"
	      "[5:6] -A INPUT -i lo -j ACCEPT\nCOMMIT\n",
	      MANGLE "*filter\n:INPUT DROP [1:2]\n:OUTPUT ACCEPT [3:4]\n:POSTERN-IN - [0:0]\n"
		     "[5:6] -A INPUT -i lo -j ACCEPT\nCOMMIT\n",
	      "*filter\n:INPUT DROP [13:347]\n:OUTPUT ACCEPT [3:4]\nCOMMIT\n");
}

/* A policy is not touched for its counters' sake: the one that is in force now stays. */
static void test_policy_changed(void **state)
{
	(void)state;
	check("*filter\n:INPUT ACCEPT [18446744073709551615:5]\nCOMMIT\n",
	      "*filter\n:INPUT DROP [0:0]\nCOMMIT\n",
	      "*filter\n:INPUT DROP [18446744073709551615:5]\nCOMMIT\n");
}

static void test_nothing(void **state)
{
	(void)state;
	check(MANGLE, MANGLE, "");
	check("", MANGLE, "");
	check(MANGLE, "", "");
	check("*mangle\n:INPUT ACCEPT [9:9]", "*filter\n:INPUT ACCEPT [0:0]", "");
	check("*mangle", "*mangle", "");
	check("\n:INPUT DROP [5:5]\n", "\n*\n:INPUT DROP [0:0]\n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_zeroed),
	    cmocka_unit_test(test_policy_changed),
	    cmocka_unit_test(test_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
