/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decimal numbers in text, read strictly: digits alone, no sign, no blank, no leading zero (which
 * other programs take for octal), never above a limit. What strtoul would let through is refused.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdint.h>

/* The number at *text, up to the first byte that is no digit; *text is moved there. 0, or -1: no
 * digit, a leading zero, or above max; then nothing is moved. */
int number_take(uint32_t *number, const char **text, uint32_t max);

/* The whole text is the number. 0, or -1 and leaves *number as it was. */
int number_parse(uint32_t *number, const char *text, uint32_t max);

#endif
