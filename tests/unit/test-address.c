/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "address.h"
#include "unit.h"

static struct address address_of(const char *text)
{
	struct address address;

	assert_int_equal(address_parse(&address, text), 0);
	return address;
}

/* RFC 5952's own examples among them. */
static void prints_the_one_form(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"192.0.2.7", "192.0.2.7"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"0.0.0.0", "0.0.0.0"},
	    {"::ffff:192.0.2.7", "192.0.2.7"},
	    {"::FFFF:c000:0207", "192.0.2.7"},
	    {"::", "::"},
	    {"::1", "::1"},
	    {"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"},
	    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
	    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
	    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}};
	char text[ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address address = address_of(cases[i].in);
		address_print(text, &address);
		assert_string_equal(text, cases[i].out);
		struct address again = address_of(text);
		assert_true(address_equal(&address, &again));
	}
}

static void v4_is_mapped(void **state)
{
	static const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7};
	struct address text = address_of("192.0.2.7"), bytes;

	(void)state;
	assert_memory_equal(text.bytes, mapped, sizeof mapped);
	address_from_v4(&bytes, mapped + 12);
	assert_true(address_equal(&text, &bytes));
	assert_true(address_is_v4(&text));
	struct address six = address_of("2001:db8::c000:207");
	assert_false(address_is_v4(&six));
	assert_false(address_equal(&text, &six));
	struct address compatible = address_of("::192.0.2.7");
	assert_false(address_is_v4(&compatible));
}

static void refuses(void **state)
{
	static const char *const bad[] = {
	    "",           "192.0.2",           "192.0.2.7.1",   "192.0.2.256", "192.0.2.07",
	    " 192.0.2.7", "192.0.2.7 ",        "192.0.2.7\n",   "0xc0000207",  "3221225991",
	    "fe80::1%lo", "1::2::3",           "1:2:3:4:5:6:7", ":::",         "[::1]",
	    "12345::",    "1:2:3:4:5:6:7:8:9", "192.0.2.7/24",  "localhost",   "-1.0.0.0"};
	struct address kept = address_of("192.0.2.7"), address = kept;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(address_parse(&address, bad[i]), -1);
		assert_true(address_equal(&address, &kept));
	}
}

static void knows_nobodys(void **state)
{
	static const char *const nobodys[] = {"0.0.0.0",
					      "0.1.2.3",
					      "127.0.0.1",
					      "127.255.255.255",
					      "169.254.0.1",
					      "224.0.0.1",
					      "239.255.255.255",
					      "240.0.0.1",
					      "255.255.255.255",
					      "::",
					      "::1",
					      "ff02::1",
					      "ff00::",
					      "fe80::1",
					      "febf:ffff::1",
					      "::ffff:127.0.0.1"};
	static const char *const somebodys[] = {
	    "1.0.0.0",     "126.255.255.255", "128.0.0.1", "169.253.255.255",
	    "169.255.0.0", "223.255.255.255", "10.0.0.1",  "192.0.2.7",
	    "::2",         "2001:db8::1",     "fe7f::1",   "fec0::1",
	    "fd00::1",     "feff::1"};

	(void)state;
	for (size_t i = 0; i < COUNT(nobodys); i++) {
		struct address address = address_of(nobodys[i]);
		assert_true(address_is_nobodys(&address));
	}
	for (size_t i = 0; i < COUNT(somebodys); i++) {
		struct address address = address_of(somebodys[i]);
		assert_false(address_is_nobodys(&address));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prints_the_one_form),
	    cmocka_unit_test(v4_is_mapped),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(knows_nobodys),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
