/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decode: what decoding a port sequence costs, for the budget of tries in daemon/auth/gather.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sequence.h"

enum { POSITIONS = 48, TIMES = 5000 };

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return 1e6 * (double)now.tv_sec + (double)now.tv_nsec / 1e3;
}

static void measure(const char *name, unsigned count, unsigned wrong)
{
	uint8_t knock[KNOCK_SIZE], values[SEQUENCE_MOST], got[KNOCK_SIZE];
	struct symbol symbols[SEQUENCE_MOST];

	for (int i = 0; i < KNOCK_SIZE; i++)
		knock[i] = (uint8_t)rand();
	sequence_encode(values, POSITIONS, knock);
	for (unsigned i = 0; i < count; i++)
		symbols[i] =
		    (struct symbol){(uint8_t)(POSITIONS - 1 - i), values[POSITIONS - 1 - i]};
	for (unsigned i = 0; i < wrong; i++)
		symbols[i * (count / wrong)].value ^= 0x55;
	double start = now_us();
	for (int i = 0; i < TIMES; i++)
		if (sequence_decode(got, symbols, count) != 0 ||
		    memcmp(got, knock, KNOCK_SIZE) != 0)
			exit(1);
	printf("%s %.1f\n", name, (now_us() - start) / TIMES);
}

int main(void)
{
	measure("decode-32", 32, 0);
	measure("decode-48", 48, 0);
	measure("decode-48-8-wrong", 48, 8);
	return 0;
}
