/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as text and back. base64url (RFC 4648, 5, without padding) and hex carry secrets, so they
 * run in constant time: no branch and no table index depends on the data. percent is for log and
 * control lines, whose values may be what a stranger chose.
 */
#ifndef ENCODING_H
#define ENCODING_H

#include <stddef.h>
#include <stdint.h>

#define ENCODING_BASE64_TEXT(n)  (((n) * 4 + 2) / 3 + 1) /* with terminator */
#define ENCODING_HEX_TEXT(n)     ((n) * 2 + 1)
#define ENCODING_PERCENT_TEXT(n) ((n) * 3 + 1)

void encoding_base64_encode(char *text, const uint8_t *bytes, size_t size);
/* Exactly size bytes, or -1: wrong length, foreign character, or bits set beyond the last byte. */
int encoding_base64_decode(uint8_t *bytes, size_t size, const char *text);

void encoding_hex_encode(char *text, const uint8_t *bytes, size_t size); /* lower case */
int encoding_hex_decode(uint8_t *bytes, size_t size, const char *text);  /* either case; 0 or -1 */

/* What is outside of [A-Za-z0-9._:/@+,-] becomes %XX. Cuts, at a whole character, what does not fit
 * into size (terminator included); returns the length written. */
size_t encoding_percent_encode(char *text, size_t size, const char *value);
/* In place. 0, or -1 at a malformed escape, an escaped NUL or a byte that should have been escaped. */
int encoding_percent_decode(char *text);

#endif
