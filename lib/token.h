/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The enrolment token: one line that carries to a client all that it needs to knock. It holds
 * secrets: whoever keeps a struct token wipes it (crypto_wipe) when done.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "knock.h"
#include "name.h"
#include "portset.h"

enum {
	TOKEN_HOST = 256, /* a name, an IPv4 address, or an IPv6 one (kept without brackets) */
	TOKEN_CODELEN = 8,
	TOKEN_TEXT = 64 + NAME_SIZE + TOKEN_HOST + 2 * 43 + 3 * PORTSET_TEXT + 64
};

struct token {
	char name[NAME_SIZE];
	char host[TOKEN_HOST];
	struct identity who;
	uint8_t server[CRYPTO_KEY];
	struct portset spa, sequence, code; /* empty: the server does not take that carrier */
	uint8_t codelen;                    /* ports in a rolling code */
	bool nat;                           /* may knock unbound */
};

/* One line, blanks and a line end around it allowed. An unknown field is ignored; one that is
 * missing, malformed or there twice is an error. 0 or -1; on -1 *token is wiped. */
int token_parse(struct token *token, const char *line, struct error *error);
/* Without a newline. Returns the length. */
size_t token_print(char text[static TOKEN_TEXT], const struct token *token);

bool token_host_valid(const char *host); /* a DNS name or an address, no brackets, no blanks */

#endif
