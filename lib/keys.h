/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key file: a line for the server's secret, then a line a key, every field checked with its
 * line. Read whole into a table that finds a key by its id in constant time; written a line at a
 * time, so that an editor keeps comments and order as the administrator has them.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "door.h"
#include "error.h"
#include "knock.h"
#include "network.h"
#include "token.h"

enum {
	KEYS_DOORS = 64, /* at most, of each, in one key */
	KEYS_NETWORKS = 64,
	KEYS_USERS = 16,
	KEYS_TRIGGERS = 64,
	KEYS_LINE = 8192 /* longest line */
};

struct key {
	struct identity who;
	char name[NAME_SIZE];
	uint32_t line;       /* where it stands in the file, from 1 */
	uint64_t since_ms;   /* when it was made */
	uint64_t expires_ms; /* 0 = never */
	uint32_t for_s;      /* its own default time; 0 = the server's */
	uint32_t max_s;      /* its own limit; 0 = the server's */
	bool nat, code;
	char *host;           /* null without host= */
	struct door *doors;   /* owned, as the lists below; null when empty */
	struct network *from; /* empty: from anywhere */
	char **users;         /* login names, one allocation */
	uint16_t *triggers;
	uint8_t n_doors, n_from, n_users, n_triggers;
};

struct keys {
	uint8_t server[CRYPTO_KEY];
	uint64_t since_ms; /* of the server line */
	bool has_server;   /* false only for an empty file */
	struct key *list;  /* in the file's order */
	size_t count;
	struct keys_slot *index; /* private to keys.c: open addressing by id */
	size_t slots;
};

/* What a line is. Blank lines and comments are KEYS_NOTHING. */
enum keys_line { KEYS_ERROR = -1, KEYS_NOTHING, KEYS_SERVER, KEYS_KEY };

/* One line without its end. For KEYS_SERVER fills server and since; for KEYS_KEY fills *key, which
 * the caller ends with keys_key_free. The line is not changed. Errors name the field; the line's
 * number is the caller's to add. */
enum keys_line keys_parse_line(const char *line, struct key *key, uint8_t server[static CRYPTO_KEY],
			       uint64_t *since_ms, struct error *error);
/* The line for a key or for the server, without its end; size at least KEYS_LINE. 0, or -1 where
 * it does not fit. Parses again to the same. */
int keys_print_line(char *line, size_t size, const struct key *key, struct error *error);
void keys_print_server(char *line, size_t size, const uint8_t server[static CRYPTO_KEY],
		       uint64_t since_ms);

/* The whole file. An id that is there twice, a key before the server line, a name that is there
 * twice without expires= in all but one: errors, with "line N: ". On -1 *keys is empty and wiped.
 * The text is not changed; wiping it is the caller's. */
int keys_parse(struct keys *keys, const char *text, size_t size, struct error *error);
const struct key *keys_find(const struct keys *keys, uint32_t id); /* null: nobody's */
bool keys_expired(const struct key *key, uint64_t now_ms);         /* now: since 1970 */

void keys_key_free(struct key *key); /* wipes; the struct itself is the caller's */
void keys_free(struct keys *keys);   /* likewise, all of it */

#endif
