/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "door.h"
#include "unit.h"

static void parses_and_prints(void **state)
{
	static const struct {
		const char *text;
		uint8_t proto;
		uint16_t port;
	} cases[] = {
	    {"tcp/22", 6, 22}, {"udp/1194", 17, 1194}, {"sctp/65535", 132, 65535}, {"tcp/1", 6, 1}};
	char text[DOOR_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct door door;
		memset(&door, 0xff, sizeof door);
		assert_int_equal(door_parse(&door, cases[i].text, NULL), 0);
		assert_int_equal(door.proto, cases[i].proto);
		assert_int_equal(door.port, cases[i].port);
		assert_int_equal(door.zero, 0);
		assert_true(door_proto_known(door.proto));
		door_print(text, &door);
		assert_string_equal(text, cases[i].text);
	}
}

static void refuses(void **state)
{
	static const char *const bad[] = {"",          "tcp",    "tcp/",    "/22",     "tcp/0",
					  "tcp/65536", "TCP/22", "tcp/022", "tcp/ 22", "tcp/22 ",
					  "tcp/22/1",  "icmp/8", "tcpx/22", "22",      "22/tcp",
					  "tcp-22",    "tc/22"};
	const struct door kept = {.port = 7, .proto = DOOR_UDP};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct door door = kept;
		struct error error = {""};
		assert_int_equal(door_parse(&door, bad[i], &error), -1);
		assert_true(door_equal(&door, &kept));
		assert_non_null(strstr(error.text, "/22")); /* how to write one */
	}
}

static void compares(void **state)
{
	const struct door ssh = {.port = 22, .proto = DOOR_TCP}, same = ssh;
	const struct door port = {.port = 23, .proto = DOOR_TCP};
	const struct door proto = {.port = 22, .proto = DOOR_UDP};

	(void)state;
	assert_true(door_equal(&ssh, &same));
	assert_false(door_equal(&ssh, &port));
	assert_false(door_equal(&ssh, &proto));
	assert_false(door_proto_known(0));
	assert_false(door_proto_known(1));
	assert_false(door_proto_known(255));
}

static void a_foreign_protocol_prints_as_number(void **state)
{
	const struct door door = {.port = 65535, .proto = 255};
	char text[DOOR_TEXT];

	(void)state;
	door_print(text, &door);
	assert_string_equal(text, "255/65535");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parses_and_prints),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(compares),
	    cmocka_unit_test(a_foreign_protocol_prints_as_number),
	};

	return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
