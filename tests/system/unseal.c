/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests: what a knock says. unseal TOKENFILE reads lines "SOURCE HEX" (the address that it was
 * seen from, or none; the packet), opens each with the token's secrets and prints its fields in a line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "encoding.h"
#include "token.h"

static int read_token(struct token *token, const char *path)
{
	char line[TOKEN_TEXT + 2];
	struct error error;
	FILE *file = fopen(path, "r");
	if (file == NULL || fgets(line, sizeof line, file) == NULL)
		return -1;
	fclose(file);
	if (token_parse(token, line, &error) == 0)
		return 0;
	fprintf(stderr, "%s\n", error.text);
	return -1;
}

static void unseal(const struct token *token, const char *source, const char *hex)
{
	uint8_t packet[KNOCK_SIZE + KNOCK_TRAILER];
	struct address address = {0};
	struct request request;
	bool bound;
	size_t size = strlen(hex) / 2;
	if (size < KNOCK_SIZE || size > sizeof packet ||
	    encoding_hex_decode(packet, size, hex) != 0 ||
	    (strcmp(source, "none") != 0 && address_parse(&address, source) != 0)) {
		puts("malformed");
		return;
	}
	struct crypto_block *mask = knock_mask(token->server);
	bool ours = mask != NULL && knock_id(mask, packet) == token->who.id;
	crypto_block_free(mask);
	if (!ours || knock_open(&request, &bound, token->server, &token->who, packet, &address)) {
		puts("foreign");
		return;
	}
	printf("time=%" PRIu64 " action=%u proto=%u port=%u seconds=%u bound=%d\n", request.time_ms,
	       request.action, request.proto, request.port, request.seconds, bound);
}

int main(int argc, char **argv)
{
	struct token token;
	char source[64], hex[1024];
	if (argc != 2 || crypto_start() != 0 || read_token(&token, argv[1]) != 0)
		return 1;
	while (scanf("%63s %1023s", source, hex) == 2)
		unseal(&token, source, hex);
	return 0;
}
