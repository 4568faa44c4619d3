/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For 010-constant-time, which runs it under valgrind: secrets are memory that nobody has written
 * to, so that valgrind reports each branch and each address that depends on them. With an argument
 * it branches on one itself, to show that this would be seen.
 */
#include <stdio.h>
#include <stdlib.h>

#include "encoding.h"

enum { SECRET = 32 };

/* Not calloc: undefined is the point. The last byte is set, so that text has its length. */
static char *undefined(size_t size)
{
	char *memory = malloc(size);

	if (memory == NULL)
		exit(1);
	memory[size - 1] = '\0';
	return memory;
}

int main(int argc, char **argv)
{
	uint8_t *bytes = (uint8_t *)undefined(SECRET + 1);
	char *base64 = undefined(ENCODING_BASE64_TEXT(SECRET)), *hex = undefined(2 * SECRET + 1);
	uint8_t *out = (uint8_t *)undefined(SECRET + 1);

	(void)argv;
	encoding_base64_decode(out, SECRET, base64);
	encoding_hex_decode(out, SECRET, hex);
	encoding_base64_encode(base64, bytes, SECRET);
	encoding_hex_encode(hex, bytes, SECRET);
	if (argc > 1 && hex[0] == '7')
		puts("# a secret that begins with 7");
	free(bytes);
	free(base64);
	free(hex);
	free(out);
	return 0;
}
