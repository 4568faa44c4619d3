/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"
#include "unit.h"

#define KEY    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define SERVER "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"
#define START  "postern://alice@gate.example.org/?"
#define WHO    "id=0011aabb&key=" KEY "&server=" SERVER
#define PLAIN  START WHO
#define FULL   PLAIN "&spa=20480-32767&seq=20480-32767&code=1000-1255&codelen=8&nat=1"

static struct token token_of(const char *line)
{
	struct token token;
	struct error error = {""};

	if (token_parse(&token, line, &error) < 0)
		fail_msg("\"%s\": %s", line, error.text);
	return token;
}

static void every_field(void **state)
{
	struct token token = token_of(FULL);

	(void)state;
	assert_string_equal(token.name, "alice");
	assert_string_equal(token.host, "gate.example.org");
	assert_int_equal(token.who.id, 0x0011aabb);
	for (uint8_t i = 0; i < CRYPTO_KEY; i++) {
		assert_int_equal(token.who.key[i], i);
		assert_int_equal(token.server[i], 32 + i);
	}
	assert_int_equal(token.spa.count, 12288);
	assert_int_equal(token.sequence.count, 12288);
	assert_int_equal(token.code.count, 256);
	assert_int_equal(token.codelen, 8);
	assert_true(token.nat);
}

static void what_may_be_left_out(void **state)
{
	struct token token = token_of(PLAIN);

	(void)state;
	assert_int_equal(token.spa.count + token.sequence.count + token.code.count, 0);
	assert_int_equal(token.codelen, TOKEN_CODELEN);
	assert_false(token.nat);
}

static void prints_what_it_parses(void **state)
{
	static const char *const lines[] = {FULL,
					    PLAIN,
					    PLAIN "&spa=53",
					    PLAIN "&seq=20480-32767",
					    PLAIN "&code=1-16&codelen=16",
					    PLAIN "&codelen=9",
					    "postern://a@[2001:db8::7]/?" WHO "&spa=1",
					    "postern://a@192.0.2.7/?" WHO "&spa=1"};
	char text[TOKEN_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct token token = token_of(lines[i]);
		assert_int_equal(token_print(text, &token), strlen(lines[i]));
		assert_string_equal(text, lines[i]);
	}
}

static void is_lenient_where_the_protocol_is(void **state)
{
	static const char *const lines[] = {
	    "  \t" FULL "\r\n",
	    FULL "&later=thing",
	    FULL "&flag&&=&x=",
	    START "nat=1&codelen=8&code=1000-1255&seq=20480-32767&spa=20480-32767&server=" SERVER
		  "&key=" KEY "&id=0011AABB",
	};
	struct token full = token_of(FULL);
	char expected[TOKEN_TEXT], text[TOKEN_TEXT];

	(void)state;
	token_print(expected, &full);
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct token token = token_of(lines[i]);
		token_print(text, &token);
		assert_string_equal(text, expected);
	}
	struct token token = token_of(PLAIN "&nat=0");
	assert_false(token.nat);
	token = token_of("postern://a@[2001:db8::7]/?" WHO);
	assert_string_equal(token.host, "2001:db8::7"); /* without its brackets */
}

static const struct {
	const char *line, *why;
} malformed[] = {
    {"", "begins with postern://"},
    {"postern:/", "begins with postern://"},
    {"http://alice@gate/?" WHO, "begins with postern://"},
    {KEY, "begins with postern://"},
    {"postern://gate/?" WHO, "the token's name"},
    {"postern://@gate/?" WHO, "the token's name"},
    {"postern://a b@gate/?" WHO, "without blanks"},
    {"postern://..@gate/?" WHO, "the token's name"},
    {"postern://a@/?" WHO, "the token's host"},
    {"postern://a@gate", "the token's host"},
    {"postern://a@gate:22/?" WHO, "the token's host"},
    {"postern://a@2001:db8::7/?" WHO, "the token's host"},
    {"postern://a@[gate]/?" WHO, "the token's host"},
    {"postern://a@[192.0.2.7]/?" WHO, "the token's host"},
    {"postern://a@[2001:db8::7/?" WHO, "the token's host"},
    {"postern://a@[]/?" WHO, "the token's host"},
    {"postern://a@gate/", "no fields"},
    {"postern://a@gate/x?" WHO, "no fields"},
    {"postern://a@gate/?", "no id="},
    {START "key=" KEY "&server=" SERVER, "no id="},
    {START "id=0011aabb&server=" SERVER, "no key="},
    {START "id=0011aabb&key=" KEY, "no server="},
    {START "id=0011aab&key=" KEY "&server=" SERVER, "id=: must be 8 hex digits"},
    {START "id=0011aabg&key=" KEY "&server=" SERVER, "id=: must be 8 hex digits"},
    {START "id=00000000&key=" KEY "&server=" SERVER, "id=: must not be zero"},
    {START "id&key=" KEY "&server=" SERVER, "id=: must be 8"},
    {START "id=0011aabb&key=" KEY "A&server=" SERVER, "key=: must be 32 bytes"},
    {START "id=0011aabb&key=" KEY "=&server=" SERVER, "key=: must be 32 bytes"},
    {START "id=0011aabb&key=A" KEY "&server=" SERVER, "key=: must be 32 bytes"},
    {START "id=0011aabb&key=%41&server=" SERVER, "key=: must be 32 bytes"},
    {START "id=0011aabb&key=" KEY "&server=", "server=: must be 32 bytes"},
    {START WHO "9", "server=: must be 32 bytes"},
    {START WHO "+", "server=: must be 32 bytes"},
    {PLAIN "&spa=", "spa=: names no port"},
    {PLAIN "&spa=0", "spa=: \"0\" is no port"},
    {PLAIN "&seq=9-1", "seq=: the range 9-1 descends"},
    {PLAIN "&code=1,1", "code=: port 1 is named twice"},
    {PLAIN "&codelen=0", "codelen=: must be a number"},
    {PLAIN "&codelen=256", "codelen=: must be a number"},
    {PLAIN "&codelen=8x", "codelen=: must be a number"},
    {PLAIN "&code=1-7", "codelen=8 is more than"},
    {PLAIN "&nat", "nat=: must be 0 or 1"},
    {PLAIN "&nat=yes", "nat=: must be 0 or 1"},
    {PLAIN "&nat=1&nat=1", "nat= twice"},
    {PLAIN "&id=0011aabb", "id= twice"},
    {PLAIN "&key=" KEY, "key= twice"},
    {PLAIN " &nat=1", "without blanks"},
    {FULL "\n" FULL, "without blanks"},
    {PLAIN "&x=\x01", "without blanks"},
};

/* No error repeats a part of a secret, and nothing of the token stays. */
static void refuses_says_why_and_wipes(void **state)
{
	static const uint8_t nothing[sizeof(struct token)];

	(void)state;
	for (size_t i = 0; i < COUNT(malformed); i++) {
		struct token token;
		struct error error = {""};
		memset(&token, 0xff, sizeof token);
		assert_int_equal(token_parse(&token, malformed[i].line, &error), -1);
		if (strstr(error.text, malformed[i].why) == NULL)
			fail_msg("\"%s\": %s", malformed[i].line, error.text);
		assert_null(strstr(error.text, "AAECAwQF"));
		assert_null(strstr(error.text, "Ozw9Pj"));
		assert_memory_equal(&token, nothing, sizeof nothing);
	}
}

static void long_values_are_refused(void **state)
{
	struct token token;
	struct error error;
	char line[8192];
	size_t used = (size_t)sprintf(line, "%s", PLAIN "&spa=");

	(void)state;
	memset(line + used, '1', sizeof line - used);
	line[sizeof line - 1] = '\0';
	assert_int_equal(token_parse(&token, line, &error), -1);
	assert_non_null(strstr(error.text, "spa=: is longer"));
	used = (size_t)sprintf(line, "%s", PLAIN "&later=");
	memset(line + used, '1', sizeof line - used);
	line[sizeof line - 1] = '\0';
	assert_int_equal(token_parse(&token, line, &error), 0);
	memset(line, 'a', sizeof line - 1);
	memcpy(line, "postern://", 10);
	assert_int_equal(token_parse(&token, line, &error), -1);
	assert_non_null(strstr(error.text, "the token's name"));
	line[12] = '@';
	assert_int_equal(token_parse(&token, line, &error), -1);
	assert_non_null(strstr(error.text, "the token's host"));
	line[600] = '/';
	assert_int_equal(token_parse(&token, line, &error), -1);
	assert_non_null(strstr(error.text, "the token's host"));
}

/* The longest of everything: does the text have room for it? */
static void the_longest_fits(void **state)
{
	char *text = malloc(TOKEN_TEXT); /* of just the size */
	struct token token = token_of(FULL), again;
	char ports[PORTSET_TEXT] = "";

	(void)state;
	memset(token.name, 'n', sizeof token.name - 1);
	memset(token.host, 'h', 253);
	for (size_t i = 63; i < 253; i += 64)
		token.host[i] = '.';
	token.host[253] = '\0';
	assert_true(token_host_valid(token.host));
	for (unsigned i = 0; i < PORTSET_RANGES; i++)
		sprintf(ports + strlen(ports), "%s%u-%u", i > 0 ? "," : "", 10000 + 10 * i,
			10001 + 10 * i);
	assert_int_equal(portset_parse(&token.spa, ports, NULL), 0);
	token.sequence = token.code = token.spa;
	assert_true(token_print(text, &token) < TOKEN_TEXT);
	again = token_of(text);
	assert_memory_equal(&again.who, &token.who, sizeof token.who);
	assert_memory_equal(&again.code, &token.code, sizeof token.code);
	assert_string_equal(again.host, token.host);
	free(text);
}

static void hosts(void **state)
{
	static const char *const good[] = {"gate",      "gate.example.org", "gate.example.org.",
					   "192.0.2.7", "2001:db8::7",      "a-b.c_d.e9",
					   "9.example", "1.2.3.4a",         "::ffff:192.0.2.7"};
	static const char *const bad[] = {
	    "",
	    ".",
	    "..",
	    "a..b",
	    ".a",
	    "-a",
	    "a-",
	    "a.-b",
	    "a b",
	    "[2001:db8::7]",
	    "a:22",
	    "fe80::1%eth0",
	    "192.0.2",
	    "192.0.2.256",
	    "1",
	    "a.7",
	    "a/b",
	    "a@b",
	    "a\n",
	    "\xc3\xa9.org",
	    "1234567890123456789012345678901234567890123456789012345678901234.org"};
	char longest[260];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(token_host_valid(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(token_host_valid(bad[i]));
	for (size_t i = 0; i < sizeof longest; i++)
		longest[i] = i % 2 == 0 ? 'a' : '.';
	longest[253] = '\0';
	assert_true(token_host_valid(longest));
	longest[253] = '.';
	longest[254] = '\0';
	assert_false(token_host_valid(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field),
	    cmocka_unit_test(what_may_be_left_out),
	    cmocka_unit_test(prints_what_it_parses),
	    cmocka_unit_test(is_lenient_where_the_protocol_is),
	    cmocka_unit_test(refuses_says_why_and_wipes),
	    cmocka_unit_test(long_values_are_refused),
	    cmocka_unit_test(the_longest_fits),
	    cmocka_unit_test(hosts),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
