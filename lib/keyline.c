/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyline.h"

#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "number.h"
#include "when.h"

static const char blanks[] = " \t";

/* Values of fields. Each setter gets the text behind "name=" and says what that must be; who
 * called it says which field it was. */

static int set_id(struct key *key, char *value, struct error *error)
{
	uint8_t bytes[4];

	if (encoding_hex_decode(bytes, sizeof bytes, value) < 0)
		return error_set(error, "must be 8 hex digits");
	key->who.id = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
		      (uint32_t)bytes[2] << 8 | bytes[3];
	return key->who.id != 0 ? 0 : error_set(error, "must not be zero");
}

/* Of the server line too, which is parsed into a struct key of its own. */
static int set_secret(struct key *key, char *value, struct error *error)
{
	if (encoding_base64_decode(key->who.key, sizeof key->who.key, value) < 0)
		return error_set(error, "must be 32 bytes as 43 characters of base64url");
	return 0;
}

static int set_since(struct key *key, char *value, struct error *error)
{
	return when_moment_parse(&key->since_ms, value, error);
}

static int set_expires(struct key *key, char *value, struct error *error)
{
	if (when_moment_parse(&key->expires_ms, value, error) < 0)
		return -1;
	return key->expires_ms != 0 ? 0 : error_set(error, "must be after 1970 began");
}

static int set_span(uint32_t *seconds, const char *value, struct error *error)
{
	if (when_span_parse(seconds, value, error) < 0)
		return -1;
	return *seconds != 0 ? 0 : error_set(error, "must be 1s at least");
}

static int set_for(struct key *key, char *value, struct error *error)
{
	return set_span(&key->for_s, value, error);
}

static int set_max(struct key *key, char *value, struct error *error)
{
	return set_span(&key->max_s, value, error);
}

static int set_host(struct key *key, char *value, struct error *error)
{
	if (!token_host_valid(value))
		return error_set(error, "must be a DNS name or an address, without brackets");
	key->host = strdup(value);
	return key->host != NULL ? 0 : error_set(error, "out of memory");
}

static size_t count_items(const char *value)
{
	size_t count = 1;

	for (; *value != '\0'; value++)
		count += *value == ',';
	return count;
}

/* Ends the item at its comma and gives the next one; null after the last. */
static char *next_item(char *item)
{
	char *comma = strchr(item, ',');

	if (comma == NULL)
		return NULL;
	*comma = '\0';
	return comma + 1;
}

typedef int parse_item(void *item, const char *text, struct error *error);

/* "a,b,c" into an array of its own; an item twice is an error. Elements are without padding. */
static int set_list(void *list, uint8_t *count, size_t size, size_t most, char *value,
		    parse_item *parse, struct error *error)
{
	size_t n = count_items(value);

	if (n > most)
		return error_set(error, "has %zu items; %zu is the most", n, most);
	uint8_t *items = calloc(n, size);
	if (items == NULL)
		return error_set(error, "out of memory");
	memcpy(list, &items, sizeof items);
	*count = (uint8_t)n;
	for (uint8_t *item = items; value != NULL; item += size) {
		char *next = next_item(value);
		if (parse(item, value, error) < 0)
			return -1;
		for (const uint8_t *other = items; other < item; other += size)
			if (memcmp(other, item, size) == 0)
				return error_set(error, "has %.60s twice", value);
		value = next;
	}
	return 0;
}

static int parse_door(void *item, const char *text, struct error *error)
{
	return door_parse(item, text, error);
}

static int parse_network(void *item, const char *text, struct error *error)
{
	return network_parse(item, text, error);
}

static int parse_trigger(void *item, const char *text, struct error *error)
{
	uint32_t number;
	uint16_t trigger;

	if (number_parse(&number, text, UINT16_MAX) < 0 || number == 0)
		return error_set(error, "\"%.20s\" is no number from 1 to 65535", text);
	trigger = (uint16_t)number;
	memcpy(item, &trigger, sizeof trigger);
	return 0;
}

static int set_open(struct key *key, char *value, struct error *error)
{
	return set_list(&key->doors, &key->n_doors, sizeof *key->doors, KEYS_DOORS, value,
			parse_door, error);
}

static int set_from(struct key *key, char *value, struct error *error)
{
	return set_list(&key->from, &key->n_from, sizeof *key->from, KEYS_NETWORKS, value,
			parse_network, error);
}

static int set_trigger(struct key *key, char *value, struct error *error)
{
	return set_list(&key->triggers, &key->n_triggers, sizeof *key->triggers, KEYS_TRIGGERS,
			value, parse_trigger, error);
}

/* A login name is what the host's user database says; blanks and controls are in none. */
static bool user_valid(const char *user)
{
	size_t length = strlen(user);

	for (; *user != '\0'; user++) {
		unsigned char c = (unsigned char)*user;
		if (c <= 0x20 || c == 0x7f)
			return false;
	}
	return length >= 1 && length < 256;
}

/* One allocation: the pointers, and behind them the text that they point into. */
static int set_user(struct key *key, char *value, struct error *error)
{
	size_t n = count_items(value), text_size = strlen(value) + 1;

	if (n > KEYS_USERS)
		return error_set(error, "has %zu names; %d is the most", n, KEYS_USERS);
	key->users = malloc(n * sizeof *key->users + text_size);
	if (key->users == NULL)
		return error_set(error, "out of memory");
	char *user = memcpy(key->users + n, value, text_size);
	while (user != NULL) {
		char *next = next_item(user);
		if (!user_valid(user))
			return error_set(error, "has an empty or overlong name, or one with "
						"control characters");
		for (size_t i = 0; i < key->n_users; i++)
			if (strcmp(key->users[i], user) == 0)
				return error_set(error, "has %.60s twice", user);
		key->users[key->n_users++] = user;
		user = next;
	}
	return 0;
}

static int set_nat(struct key *key, char *value, struct error *error)
{
	(void)value;
	(void)error;
	key->nat = true;
	return 0;
}

static int set_code(struct key *key, char *value, struct error *error)
{
	(void)value;
	(void)error;
	key->code = true;
	return 0;
}

struct field {
	const char *name;
	enum { REQUIRED, OPTIONAL, FLAG } kind; /* a flag has no value */
	int (*set)(struct key *key, char *value, struct error *error);
};

enum { MOST_FIELDS = 16 };

static const struct field server_fields[MOST_FIELDS] = {
    {"server", REQUIRED, set_secret},
    {"since", REQUIRED, set_since},
};

static const struct field key_fields[MOST_FIELDS] = {
    {"id", REQUIRED, set_id},           {"key", REQUIRED, set_secret},
    {"since", REQUIRED, set_since},     {"host", OPTIONAL, set_host},
    {"open", OPTIONAL, set_open},       {"for", OPTIONAL, set_for},
    {"max", OPTIONAL, set_max},         {"from", OPTIONAL, set_from},
    {"user", OPTIONAL, set_user},       {"expires", OPTIONAL, set_expires},
    {"trigger", OPTIONAL, set_trigger}, {"nat", FLAG, set_nat},
    {"code", FLAG, set_code},
};

/* Names a field that we do not know. A word that does not look like a field is not repeated: it
 * may be a secret whose "key=" was lost. */
static int unknown_field(const char *name, bool has_value, struct error *error)
{
	size_t length = strlen(name);

	if (has_value && length <= 16 && strspn(name, "abcdefghijklmnopqrstuvwxyz_-") == length)
		return error_set(error, "unknown field %s=", name);
	return error_set(error, "there is a word that is no field; fields are name=value, and "
				"nat and code");
}

static const struct field *find_field(const struct field *fields, const char *name)
{
	for (size_t i = 0; i < MOST_FIELDS && fields[i].name != NULL; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* One "name=value" or "flag". */
static int parse_field(struct key *key, const struct field *fields, unsigned *seen, char *word,
		       struct error *error)
{
	char *value = strchr(word, '=');
	struct error why;

	if (value != NULL)
		*value++ = '\0';
	const struct field *field = find_field(fields, word);
	if (field == NULL)
		return unknown_field(word, value != NULL, error);
	if ((value != NULL) != (field->kind != FLAG))
		return error_set(error,
				 field->kind == FLAG ? "%s takes no value" : "%s needs =VALUE",
				 field->name);
	unsigned bit = 1u << (field - fields);
	if ((*seen & bit) != 0)
		return error_set(error, "%s is there twice", field->name);
	*seen |= bit;
	if (field->set(key, value, &why) < 0)
		return error_set(error, "%s=: %s", field->name, why.text);
	return 0;
}

/* Ends the word at *at and moves *at to the next; null after the last, or before a comment. */
static char *next_word(char **at)
{
	char *word = *at + strspn(*at, blanks);

	if (*word == '\0' || *word == '#')
		return NULL;
	*at = word + strcspn(word, blanks);
	if (**at != '\0')
		*(*at)++ = '\0';
	return word;
}

static int parse_fields(struct key *key, const struct field *fields, char *rest,
			struct error *error)
{
	unsigned seen = 0;
	char *word;

	while ((word = next_word(&rest)) != NULL)
		if (parse_field(key, fields, &seen, word, error) < 0)
			return -1;
	for (size_t i = 0; i < MOST_FIELDS && fields[i].name != NULL; i++)
		if (fields[i].kind == REQUIRED && (seen & 1u << i) == 0)
			return error_set(error, "%s= is missing", fields[i].name);
	return 0;
}

/* What the fields of a key must be together. */
static int check_key(const struct key *key, struct error *error)
{
	if (key->code && !key->nat)
		return error_set(error, "code requires nat: a rolling code carries no address; "
					"add nat, or take code away");
	if (key->max_s != 0 && key->for_s > key->max_s)
		return error_set(error, "max= is less than for=; raise max= or lower for=");
	return 0;
}

static enum keys_line parse_server(char *line, struct key *key, struct error *error)
{
	return parse_fields(key, server_fields, line, error) < 0 ? KEYS_ERROR : KEYS_SERVER;
}

static enum keys_line parse_key(char *line, struct key *key, struct error *error)
{
	char *name = next_word(&line);

	if (!name_valid(name))
		return error_set(error, "a line begins with the key's NAME, 1 to 32 of "
					"A-Za-z0-9._-, or is the server's: server= since=");
	strcpy(key->name, name); /* a valid one fits */
	if (parse_fields(key, key_fields, line, error) < 0 || check_key(key, error) < 0)
		return KEYS_ERROR;
	return KEYS_KEY;
}

/* Fills *key from either kind of line, in the server's case with its secret. Cuts the line up. */
static enum keys_line parse_line(char *line, struct key *key, struct error *error)
{
	enum keys_line kind;

	memset(key, 0, sizeof *key);
	line += strspn(line, blanks);
	if (*line == '\0' || *line == '#')
		return KEYS_NOTHING;
	if (strncmp(line, "server=", 7) == 0 || strncmp(line, "since=", 6) == 0)
		kind = parse_server(line, key, error);
	else
		kind = parse_key(line, key, error);
	if (kind == KEYS_ERROR)
		keys_key_free(key);
	return kind;
}

/* The copy holds what secrets the line has; it goes before we return. */
enum keys_line keyline_parse(struct key *key, const char *line, size_t length, struct error *error)
{
	char copy[KEYS_LINE];

	memset(key, 0, sizeof *key);
	if (length >= sizeof copy)
		return error_set(error, "longer than %d characters", KEYS_LINE - 1);
	if (memchr(line, '\0', length) != NULL)
		return error_set(error, "a NUL byte; this is no text file, or a damaged one");
	memcpy(copy, line, length);
	copy[length] = '\0';
	enum keys_line kind = parse_line(copy, key, error);
	crypto_wipe(copy, length);
	return kind;
}
