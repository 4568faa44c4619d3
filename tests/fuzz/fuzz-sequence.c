/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any symbols, positions repeated and out of range too: what is decoded is a codeword that is as
 * near to them as the decoder promises, or nothing. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sequence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool positions_differ(const struct symbol *symbols, unsigned count)
{
	bool seen[256] = {false};
	for (unsigned i = 0; i < count; i++) {
		if (seen[symbols[i].position] || symbols[i].position >= SEQUENCE_MOST)
			return false;
		seen[symbols[i].position] = true;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct symbol symbols[SEQUENCE_MOST + 1] = {{0}};
	uint8_t knock[KNOCK_SIZE], values[SEQUENCE_MOST];
	unsigned count = 0, wrong = 0;
	for (; count <= SEQUENCE_MOST && size >= 2; size -= 2, data += 2)
		symbols[count++] = (struct symbol){.position = data[0], .value = data[1]};
	if (sequence_decode(knock, symbols, count) != 0 || !positions_differ(symbols, count))
		return 0;
	sequence_encode(values, SEQUENCE_MOST, knock);
	for (unsigned i = 0; i < count; i++)
		wrong += values[symbols[i].position] != symbols[i].value;
	if (2 * wrong > count - KNOCK_SIZE)
		abort();
	return 0;
}
