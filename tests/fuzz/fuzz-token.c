/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Enrolment tokens: what parses is printed, and parses again to the same; what does not leaves
 * nothing behind and says why in one line, without the key that stood in it.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST_ECHO = 24 }; /* of a wrong port, the only value that an error repeats */

static void check_refused(const struct token *token, const struct error *error, const char *line)
{
	static const uint8_t nothing[sizeof *token];
	const char *key = strstr(line, "key=");

	assert(memcmp(token, nothing, sizeof nothing) == 0);
	assert(error->text[0] != '\0' && strpbrk(error->text, "\n\r\t\033") == NULL);
	if (key == NULL)
		return;
	char *secret = strdup(key + strlen("key="));
	assert(secret != NULL);
	secret[strcspn(secret, "&")] = '\0';
	assert(strlen(secret) <= LONGEST_ECHO || strstr(error->text, secret) == NULL);
	free(secret);
}

static void check_parsed(const struct token *token)
{
	char text[TOKEN_TEXT], text_again[TOKEN_TEXT];
	struct token again;

	assert(name_valid(token->name) && token_host_valid(token->host));
	assert(token->who.id != 0 && token->codelen != 0);
	assert(token->code.count == 0 || token->codelen <= token->code.count);
	assert(token_print(text, token) == strlen(text));
	assert(token_parse(&again, text, NULL) == 0);
	token_print(text_again, &again);
	assert(strcmp(text, text_again) == 0);
	assert(crypto_equal(&token->who, &again.who, sizeof again.who));
	assert(crypto_equal(token->server, again.server, sizeof again.server));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = calloc(1, size + 1); /* of just the size, so that reading on is noticed */
	struct error error = {""};
	struct token token;

	if (line == NULL)
		return 0;
	if (size > 0)
		memcpy(line, data, size);
	memset(&token, 0xff, sizeof token);
	if (token_parse(&token, line, &error) < 0)
		check_refused(&token, &error, line);
	else
		check_parsed(&token);
	free(line);
	return 0;
}
