/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time as people write it: spans ("90s", "10m", "1h", "2d") and moments (RFC 3339 in UTC).
 */
#ifndef WHEN_H
#define WHEN_H

#include <stdint.h>

#include "error.h"

enum { WHEN_SPAN_TEXT = 12, WHEN_MOMENT_TEXT = 25 };

/* Whole number with an optional unit s, m, h, d; bare is seconds. Up to 4294967295 s. */
int when_span_parse(uint32_t *seconds, const char *text, struct error *error);
/* In the largest unit that divides it: "90s", "10m", "1h". */
void when_span_print(char text[static WHEN_SPAN_TEXT], uint32_t seconds);

/* "2027-01-01" (its first moment), "2027-01-01T10:00:00Z", with up to three decimals of a second.
 * Always UTC. Milliseconds since 1970; years 1970-9999. */
int when_moment_parse(uint64_t *ms, const char *text, struct error *error);
/* "2026-11-23T19:00:00Z"; with its milliseconds where there are any. */
void when_moment_print(char text[static WHEN_MOMENT_TEXT], uint64_t ms);

#endif
