/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "encoding.h"

#include <stdbool.h>
#include <string.h>

/*
 * Secrets pass through base64 and hex, so these work by masks: all ones for yes, zero for no.
 * What a character or a value is decides no branch and no address.
 */
static uint32_t above(uint32_t a, uint32_t b)
{
	return 0u - ((b - a) >> 31); /* both below 2^31 */
}

static uint32_t within(uint32_t c, uint32_t first, uint32_t last)
{
	return ~above(first, c) & ~above(c, last);
}

/* The character of a value 0-63: runs of A-Z, a-z, 0-9, then - and _; each step into the next run
 * adds the difference of the two. */
static char base64_char(uint32_t value)
{
	uint32_t c = value + 'A';

	c += above(value, 25) & ('a' - 26u - 'A');
	c += above(value, 51) & (('0' - 52u) - ('a' - 26u));
	c += above(value, 61) & (('-' - 62u) - ('0' - 52u));
	c += above(value, 62) & (('_' - 63u) - ('-' - 62u));
	return (char)c;
}

/* The value of a character; what is none sets bits in *bad. */
static uint32_t base64_value(char character, uint32_t *bad)
{
	uint32_t c = (uint8_t)character;
	uint32_t upper = within(c, 'A', 'Z'), lower = within(c, 'a', 'z');
	uint32_t digit = within(c, '0', '9');
	uint32_t minus = within(c, '-', '-'), under = within(c, '_', '_');

	*bad |= ~(upper | lower | digit | minus | under);
	return (upper & (c - 'A')) | (lower & (c - 'a' + 26u)) | (digit & (c - '0' + 52u)) |
	       (minus & 62u) | (under & 63u);
}

void encoding_base64_encode(char *text, const uint8_t *bytes, size_t size)
{
	uint32_t held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < size; i++) {
		held = held << 8 | bytes[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*text++ = base64_char(held >> (bits - 6) & 63u);
	}
	if (bits > 0)
		*text++ = base64_char(held << (6 - bits) & 63u);
	*text = '\0';
}

int encoding_base64_decode(uint8_t *bytes, size_t size, const char *text)
{
	uint32_t held = 0, bad = 0;
	unsigned bits = 0;

	size_t length = strlen(text);
	if (length != ENCODING_BASE64_TEXT(size) - 1)
		return -1;
	for (size_t i = 0; i < length; i++) {
		held = held << 6 | base64_value(text[i], &bad);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*bytes++ = (uint8_t)(held >> bits);
		}
	}
	bad |= held & ((1u << bits) - 1u); /* one text a value: nothing beyond the last byte */
	return bad == 0 ? 0 : -1;
}

static char hex_char(uint32_t value)
{
	return (char)(value + '0' + (above(value, 9) & ('a' - 10u - '0')));
}

static uint32_t hex_value(char character, uint32_t *bad)
{
	uint32_t c = (uint8_t)character;
	uint32_t digit = within(c, '0', '9');
	uint32_t upper = within(c, 'A', 'F'), lower = within(c, 'a', 'f');

	*bad |= ~(digit | upper | lower);
	return (digit & (c - '0')) | (upper & (c - 'A' + 10u)) | (lower & (c - 'a' + 10u));
}

void encoding_hex_encode(char *text, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		*text++ = hex_char(bytes[i] >> 4);
		*text++ = hex_char(bytes[i] & 15u);
	}
	*text = '\0';
}

int encoding_hex_decode(uint8_t *bytes, size_t size, const char *text)
{
	uint32_t bad = 0;

	if (strlen(text) != ENCODING_HEX_TEXT(size) - 1)
		return -1;
	for (size_t i = 0; i < size; i++, text += 2) {
		uint32_t high = hex_value(text[0], &bad), low = hex_value(text[1], &bad);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return bad == 0 ? 0 : -1;
}

/* From here on nothing is secret. */
static bool stands_for_itself(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("._:/@+,-", c) != NULL);
}

size_t encoding_percent_encode(char *text, size_t size, const char *value)
{
	size_t used = 0;

	if (size == 0)
		return 0;
	for (; *value != '\0'; value++) {
		bool plain = stands_for_itself(*value);
		uint8_t byte = (uint8_t)*value;
		if (used + (plain ? 1 : 3) >= size)
			break;
		if (plain) {
			text[used++] = *value;
			continue;
		}
		text[used++] = '%';
		text[used++] = "0123456789ABCDEF"[byte >> 4];
		text[used++] = "0123456789ABCDEF"[byte & 15];
	}
	text[used] = '\0';
	return used;
}

/* The byte of the escape that begins here, or 0: malformed, or the NUL that no text may hold. */
static uint8_t escaped_byte(const char *text)
{
	char digits[3] = {text[1], text[1] == '\0' ? '\0' : text[2], '\0'};
	uint8_t byte;

	return encoding_hex_decode(&byte, 1, digits) < 0 ? 0 : byte;
}

static bool percent_well_formed(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text != '%') {
			if (!stands_for_itself(*text))
				return false;
			continue;
		}
		if (escaped_byte(text) == 0)
			return false;
		text += 2;
	}
	return true;
}

int encoding_percent_decode(char *text)
{
	if (!percent_well_formed(text))
		return -1;
	char *out = text;
	for (; *text != '\0'; text++) {
		if (*text == '%') {
			*out++ = (char)escaped_byte(text);
			text += 2;
		} else {
			*out++ = *text;
		}
	}
	*out = '\0';
	return 0;
}
