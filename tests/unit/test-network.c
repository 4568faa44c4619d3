/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "network.h"
#include "unit.h"

static struct network network_of(const char *text)
{
	struct network network;
	struct error error = {""};

	if (network_parse(&network, text, &error) < 0)
		fail_msg("%s", error.text);
	return network;
}

static void parses_and_prints(void **state)
{
	static const struct {
		const char *in, *out;
		uint8_t prefix;
	} cases[] = {{"192.0.2.0/24", "192.0.2.0/24", 120},
		     {"0.0.0.0/0", "0.0.0.0/0", 96},
		     {"192.0.2.7/32", "192.0.2.7", 128},
		     {"192.0.2.7", "192.0.2.7", 128},
		     {"::ffff:192.0.2.0/120", "192.0.2.0/24", 120},
		     {"::ffff:0:0/96", "0.0.0.0/0", 96},
		     {"2001:db8::/32", "2001:db8::/32", 32},
		     {"2001:db8::1", "2001:db8::1", 128},
		     {"::/0", "::/0", 0},
		     {"2001:db8::8000/113", "2001:db8::8000/113", 113}};
	char text[NETWORK_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct network network = network_of(cases[i].in);
		assert_int_equal(network.prefix, cases[i].prefix);
		network_print(text, &network);
		assert_string_equal(text, cases[i].out);
	}
}

static void refuses(void **state)
{
	static const char *const bad[] = {
	    "",
	    "/24",
	    "192.0.2.0/",
	    "192.0.2.0/33",
	    "192.0.2.0/-1",
	    "::/129",
	    "192.0.2.0/24 ",
	    "192.0.2.0/024",
	    "192.0.2.0/24/8",
	    "192.0.2.0/255.255.255.0",
	    "192.0.2/24",
	    "192.0.2.0 /24",
	    "2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8/32"};
	struct network kept = network_of("192.0.2.0/24"), network = kept;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct error error = {""};
		assert_int_equal(network_parse(&network, bad[i], &error), -1);
		assert_memory_equal(&network, &kept, sizeof kept);
		assert_non_null(strstr(error.text, "192.0.2.0/24")); /* how to write one */
	}
}

static void host_bits_name_what_was_meant(void **state)
{
	static const struct {
		const char *in, *meant;
	} cases[] = {
	    {"192.0.2.7/24", "write 192.0.2.0/24,"},   {"192.0.2.128/24", "write 192.0.2.0/24,"},
	    {"10.1.2.3/0", "write 0.0.0.0/0,"},        {"2001:db8::1/64", "write 2001:db8::/64,"},
	    {"2001:db8::/28", "write 2001:db0::/28,"}, {"::1/0", "write ::/0,"}};
	struct network network;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error error;
		assert_int_equal(network_parse(&network, cases[i].in, &error), -1);
		assert_non_null(strstr(error.text, cases[i].meant));
	}
}

static void contains(void **state)
{
	static const struct {
		const char *network, *address;
		bool inside;
	} cases[] = {{"192.0.2.0/24", "192.0.2.0", true},
		     {"192.0.2.0/24", "192.0.2.255", true},
		     {"192.0.2.0/24", "192.0.3.0", false},
		     {"192.0.2.0/24", "192.0.1.255", false},
		     {"192.0.2.4/30", "192.0.2.7", true},
		     {"192.0.2.4/30", "192.0.2.8", false},
		     {"192.0.2.4/30", "192.0.2.3", false},
		     {"192.0.2.7", "192.0.2.7", true},
		     {"192.0.2.7", "192.0.2.6", false},
		     {"128.0.0.0/1", "255.0.0.1", true},
		     {"128.0.0.0/1", "127.0.0.1", false},
		     {"0.0.0.0/0", "203.0.113.9", true},
		     {"0.0.0.0/0", "2001:db8::1", false},
		     {"::/0", "2001:db8::1", true},
		     {"::/0", "203.0.113.9", false},
		     {"2001:db8::/33", "2001:db8:7fff::1", true},
		     {"2001:db8::/33", "2001:db8:8000::1", false},
		     {"2001:db8::1", "2001:db8::2", false}};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct network network = network_of(cases[i].network);
		struct address address;
		assert_int_equal(address_parse(&address, cases[i].address), 0);
		assert_int_equal(network_contains(&network, &address), cases[i].inside);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parses_and_prints),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(host_bits_name_what_was_meant),
	    cmocka_unit_test(contains),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
