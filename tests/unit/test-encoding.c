/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "encoding.h"
#include "unit.h"

/* RFC 4648, 10, without its padding; and the two characters that base64url has of its own. */
static const struct {
	const char *bytes, *base64, *hex;
} vectors[] = {{"", "", ""},
	       {"f", "Zg", "66"},
	       {"fo", "Zm8", "666f"},
	       {"foo", "Zm9v", "666f6f"},
	       {"foob", "Zm9vYg", "666f6f62"},
	       {"fooba", "Zm9vYmE", "666f6f6261"},
	       {"foobar", "Zm9vYmFy", "666f6f626172"},
	       {"\xfb\xef\xbe\xff\xff\xff", "----____", "fbefbeffffff"}};

static void rfc_4648_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		size_t size = strlen(vectors[i].bytes);
		const uint8_t *bytes = (const uint8_t *)vectors[i].bytes;
		char text[16];
		uint8_t back[8];
		encoding_base64_encode(text, bytes, size);
		assert_string_equal(text, vectors[i].base64);
		assert_int_equal(strlen(text) + 1, ENCODING_BASE64_TEXT(size));
		assert_int_equal(encoding_base64_decode(back, size, text), 0);
		assert_memory_equal(back, bytes, size);
		encoding_hex_encode(text, bytes, size);
		assert_string_equal(text, vectors[i].hex);
		assert_int_equal(encoding_hex_decode(back, size, text), 0);
		assert_memory_equal(back, bytes, size);
	}
}

/* Each byte value at each place, through both encodings and back. */
static void all_bytes(void **state)
{
	(void)state;
	for (size_t size = 1; size <= 4; size++)
		for (unsigned value = 0; value < 256; value++) {
			uint8_t bytes[4] = {1, 2, 3, 4}, back[4];
			char text[ENCODING_HEX_TEXT(4)];
			bytes[size - 1] = (uint8_t)value;
			encoding_base64_encode(text, bytes, size);
			assert_int_equal(encoding_base64_decode(back, size, text), 0);
			assert_memory_equal(back, bytes, size);
			encoding_hex_encode(text, bytes, size);
			assert_int_equal(encoding_hex_decode(back, size, text), 0);
			assert_memory_equal(back, bytes, size);
		}
}

/* Each character there is: exactly the alphabet is taken, each with its value. */
static void alphabets(void **state)
{
	static const char base64[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	static const char hex[] = "0123456789abcdef";

	(void)state;
	for (int c = 1; c < 256; c++) {
		char text[5] = {'A', 'A', 'A', (char)c, '\0'};
		uint8_t bytes[3];
		const char *place = strchr(base64, c);
		assert_int_equal(encoding_base64_decode(bytes, 3, text), place == NULL ? -1 : 0);
		if (place != NULL)
			assert_int_equal(bytes[2], place - base64);

		char pair[3] = {'0', (char)c, '\0'};
		place = strchr(hex, c >= 'A' && c <= 'F' ? c + 32 : c);
		assert_int_equal(encoding_hex_decode(bytes, 1, pair), place == NULL ? -1 : 0);
		if (place != NULL)
			assert_int_equal(bytes[0], place - hex);
	}
}

static void base64_refuses(void **state)
{
	static const struct {
		const char *text;
		size_t size;
	} bad[] = {{"Z", 1},     {"Zg", 0},    {"Zg", 2},    {"Zg=", 1},      {"Zg==", 1},
		   {"Zh", 1},    {"Zv", 1},    {"Zm9", 2},   {"Zm8=", 2},     {"Zm9v", 2},
		   {"Zm9v ", 3}, {" Zm9v", 3}, {"Zm+v", 3},  {"Zm/v", 3},     {"Zm9v\n", 3},
		   {"", 1},      {"A", 0},     {"Z\xff", 1}, {"\x80\x80", 1}, {"AB", 1}};
	uint8_t bytes[8];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(encoding_base64_decode(bytes, bad[i].size, bad[i].text), -1);
}

/* Of the 64 last characters of a 32-byte secret, the 16 without loose bits are taken. */
static void base64_is_canonical(void **state)
{
	char text[ENCODING_BASE64_TEXT(32)];
	uint8_t bytes[32] = {0}, back[32];
	int taken = 0;

	(void)state;
	encoding_base64_encode(text, bytes, sizeof bytes);
	for (int c = 1; c < 256; c++) {
		text[42] = (char)c;
		if (encoding_base64_decode(back, sizeof back, text) == 0)
			taken++;
	}
	assert_int_equal(taken, 16);
}

static void hex_refuses(void **state)
{
	static const char *const bad[] = {"", "1", "123", "1g", "g1", "0x", " 1", "1 ", "-1"};
	uint8_t bytes[2];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(encoding_hex_decode(bytes, 1, bad[i]), -1);
	assert_int_equal(encoding_hex_decode(bytes, 1, "aB"), 0);
	assert_int_equal(bytes[0], 0xab);
}

static void percent_both_ways(void **state)
{
	static const struct {
		const char *value, *text;
	} cases[] = {{"", ""},
		     {"alice", "alice"},
		     {"AZaz09._:/@+,-", "AZaz09._:/@+,-"},
		     {"a b", "a%20b"},
		     {"a\nevent=x", "a%0Aevent%3Dx"},
		     {"100%", "100%25"},
		     {"\x7f\xff\x01", "%7F%FF%01"},
		     {"[]~*", "%5B%5D%7E%2A"}};
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t length = encoding_percent_encode(text, sizeof text, cases[i].value);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(length, strlen(text));
		assert_int_equal(encoding_percent_decode(text), 0);
		assert_string_equal(text, cases[i].value);
	}
	strcpy(text, "%41%7e%7E");
	assert_int_equal(encoding_percent_decode(text), 0);
	assert_string_equal(text, "A~~");
}

static void percent_cuts_whole(void **state)
{
	char text[8];

	(void)state;
	assert_int_equal(encoding_percent_encode(text, 8, "abcdefgh"), 7);
	assert_string_equal(text, "abcdefg");
	assert_int_equal(encoding_percent_encode(text, 8, "abcd efg"), 7);
	assert_string_equal(text, "abcd%20");
	assert_int_equal(encoding_percent_encode(text, 8, "abcde fg"), 5);
	assert_string_equal(text, "abcde");
	assert_int_equal(encoding_percent_encode(text, 1, "a"), 0);
	assert_string_equal(text, "");
	text[0] = 'x';
	assert_int_equal(encoding_percent_encode(text, 0, "a"), 0);
	assert_int_equal(text[0], 'x');
}

static void percent_refuses(void **state)
{
	static const char *const bad[] = {"%",   "%4",   "%4g",  "%g4", "%00", "a b", "a=b",
					  "a\n", "\xff", "%%41", "a%",  "a%2", "% 1", "\"a\""};
	char text[16];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		strcpy(text, bad[i]);
		assert_int_equal(encoding_percent_decode(text), -1);
		assert_string_equal(text, bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc_4648_vectors),    cmocka_unit_test(all_bytes),
	    cmocka_unit_test(alphabets),           cmocka_unit_test(base64_refuses),
	    cmocka_unit_test(base64_is_canonical), cmocka_unit_test(hex_refuses),
	    cmocka_unit_test(percent_both_ways),   cmocka_unit_test(percent_cuts_whole),
	    cmocka_unit_test(percent_refuses),
	};

	return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
