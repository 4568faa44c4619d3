/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "keyline.h"
#include "when.h"

enum keys_line keys_parse_line(const char *line, struct key *key, uint8_t server[static CRYPTO_KEY],
			       uint64_t *since_ms, struct error *error)
{
	enum keys_line kind = keyline_parse(key, line, strlen(line), error);

	if (kind == KEYS_SERVER) {
		memcpy(server, key->who.key, CRYPTO_KEY);
		*since_ms = key->since_ms;
		keys_key_free(key);
	}
	return kind;
}

/* A line in the making. */
struct out {
	char *text;
	size_t size, used;
	bool full;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *out, const char *format, ...)
{
	va_list arguments;

	if (out->full)
		return;
	va_start(arguments, format);
	int length = vsnprintf(out->text + out->used, out->size - out->used, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= out->size - out->used)
		out->full = true;
	else
		out->used += (size_t)length;
}

/* Straight into the line: a secret leaves no copy elsewhere. */
static void put_secret(struct out *out, const char *name, const uint8_t secret[static CRYPTO_KEY])
{
	put(out, "%s=", name);
	if (out->full || out->size - out->used < ENCODING_BASE64_TEXT(CRYPTO_KEY)) {
		out->full = true;
		return;
	}
	encoding_base64_encode(out->text + out->used, secret, CRYPTO_KEY);
	out->used += ENCODING_BASE64_TEXT(CRYPTO_KEY) - 1;
}

static void put_moment(struct out *out, const char *name, uint64_t ms)
{
	char text[WHEN_MOMENT_TEXT];

	when_moment_print(text, ms);
	put(out, " %s=%s", name, text);
}

static void put_span(struct out *out, const char *name, uint32_t seconds)
{
	char text[WHEN_SPAN_TEXT];

	if (seconds == 0)
		return;
	when_span_print(text, seconds);
	put(out, " %s=%s", name, text);
}

/* What stands before item i of a list: its field's name, or a comma. */
static void put_before(struct out *out, const char *name, size_t i)
{
	if (i == 0)
		put(out, " %s=", name);
	else
		put(out, ",");
}

static void put_doors(struct out *out, const struct key *key)
{
	char text[DOOR_TEXT];

	for (size_t i = 0; i < key->n_doors; i++) {
		door_print(text, &key->doors[i]);
		put_before(out, "open", i);
		put(out, "%s", text);
	}
}

static void put_from(struct out *out, const struct key *key)
{
	char text[NETWORK_TEXT];

	for (size_t i = 0; i < key->n_from; i++) {
		network_print(text, &key->from[i]);
		put_before(out, "from", i);
		put(out, "%s", text);
	}
}

static void put_users(struct out *out, const struct key *key)
{
	for (size_t i = 0; i < key->n_users; i++) {
		put_before(out, "user", i);
		put(out, "%s", key->users[i]);
	}
}

static void put_triggers(struct out *out, const struct key *key)
{
	for (size_t i = 0; i < key->n_triggers; i++) {
		put_before(out, "trigger", i);
		put(out, "%u", key->triggers[i]);
	}
}

static void put_key(struct out *out, const struct key *key)
{
	put(out, "%s id=%08x ", key->name, key->who.id);
	put_secret(out, "key", key->who.key);
	put_moment(out, "since", key->since_ms);
	if (key->host != NULL)
		put(out, " host=%s", key->host);
	put_doors(out, key);
	put_span(out, "for", key->for_s);
	put_span(out, "max", key->max_s);
	put_from(out, key);
	put_users(out, key);
	if (key->expires_ms != 0)
		put_moment(out, "expires", key->expires_ms);
	put_triggers(out, key);
	if (key->nat)
		put(out, " nat");
	if (key->code)
		put(out, " code");
}

int keys_print_line(char *line, size_t size, const struct key *key, struct error *error)
{
	struct out out = {.text = line, .size = size < KEYS_LINE ? size : KEYS_LINE};

	put_key(&out, key);
	if (!out.full)
		return 0;
	crypto_wipe(line, size);
	return error_set(error, "the line of %s would be longer than %d characters", key->name,
			 KEYS_LINE - 1);
}

void keys_print_server(char *line, size_t size, const uint8_t server[static CRYPTO_KEY],
		       uint64_t since_ms)
{
	struct out out = {.text = line, .size = size};

	put_secret(&out, "server", server);
	put_moment(&out, "since", since_ms);
}

/* Of the table: an id, and its place in the list plus one; 0 is free. */
struct keys_slot {
	uint32_t id, place;
};

/* The table. Ids should be random, but somebody's program may count them up: a multiplication, whose
 * upper bits place them, spreads those as well. At most half of the slots are taken: a
 * search always ends. Junk is searched for, too, and touches nothing but the table. */
static struct keys_slot *find_slot(const struct keys *keys, uint32_t id)
{
	uint32_t spread = id * UINT32_C(2654435769); /* 2^32 by the golden ratio */
	size_t slot = (size_t)((uint64_t)spread * keys->slots >> 32);

	while (keys->index[slot].place != 0 && keys->index[slot].id != id)
		slot = (slot + 1) & (keys->slots - 1);
	return &keys->index[slot];
}

const struct key *keys_find(const struct keys *keys, uint32_t id)
{
	if (keys->slots == 0 || id == 0)
		return NULL;
	uint32_t place = find_slot(keys, id)->place;
	return place == 0 ? NULL : &keys->list[place - 1];
}

static int take_server(struct keys *keys, struct key *line, struct error *error)
{
	int result = 0;

	if (keys->has_server || keys->count > 0)
		result = error_set(error, "a second server line; one file is one server's");
	memcpy(keys->server, line->who.key, sizeof keys->server);
	keys->since_ms = line->since_ms;
	keys->has_server = true;
	keys_key_free(line);
	return result;
}

static int take_key(struct keys *keys, struct key *key, uint32_t number, struct error *error)
{
	key->line = number;
	keys->count++; /* from now on it is freed with the others */
	if (!keys->has_server)
		return error_set(error, "a key before the server line; server= comes first");
	struct keys_slot *slot = find_slot(keys, key->who.id);
	if (slot->place != 0)
		return error_set(error, "id=%08x is that of line %u too; make a new key",
				 key->who.id, keys->list[slot->place - 1].line);
	*slot = (struct keys_slot){key->who.id, (uint32_t)keys->count};
	return 0;
}

/* The lines of a text, one after the other, without their ends (LF or CRLF). */
struct lines {
	const char *at, *end;
	const char *line;
	size_t length;
	uint32_t number;
};

static bool next_line(struct lines *lines)
{
	if (lines->at == lines->end)
		return false;
	size_t left = (size_t)(lines->end - lines->at);
	const char *newline = memchr(lines->at, '\n', left);
	lines->line = lines->at;
	lines->length = newline == NULL ? left : (size_t)(newline - lines->at);
	lines->at += newline == NULL ? left : lines->length + 1;
	if (lines->length > 0 && lines->line[lines->length - 1] == '\r')
		lines->length--;
	lines->number++;
	return true;
}

/* Room for all lines at once: a list that grew would leave secrets in the memory that it left. */
static int make_room(struct keys *keys, struct lines lines, struct error *error)
{
	size_t room = 1, slots = 2;

	while (next_line(&lines))
		room += lines.length > 0 && *lines.line != '#';
	while (slots < 2 * room)
		slots *= 2;
	keys->list = calloc(room, sizeof *keys->list);
	keys->index = calloc(slots, sizeof *keys->index);
	keys->slots = slots;
	if (keys->list == NULL || keys->index == NULL)
		return error_set(error, "out of memory");
	return 0;
}

static int take_line(struct keys *keys, const struct lines *lines, struct error *error)
{
	struct key *key = &keys->list[keys->count];
	struct error why;
	int result = 0;

	switch (keyline_parse(key, lines->line, lines->length, &why)) {
	case KEYS_ERROR:
		result = -1;
		break;
	case KEYS_NOTHING:
		break;
	case KEYS_SERVER:
		result = take_server(keys, key, &why);
		break;
	case KEYS_KEY:
		result = take_key(keys, key, lines->number, &why);
		break;
	}
	if (result < 0)
		error_set(error, "line %u: %s", lines->number, why.text);
	return result;
}

/* By name; of one name, first those that never expire; then as in the file. */
static int compare_names(const void *a, const void *b)
{
	const struct key *left = *(const struct key *const *)a;
	const struct key *right = *(const struct key *const *)b;
	int order = strcmp(left->name, right->name);

	if (order == 0)
		order = (left->expires_ms != 0) - (right->expires_ms != 0);
	if (order == 0)
		order = left->line < right->line ? -1 : 1;
	return order;
}

static int check_names(const struct keys *keys, struct error *error)
{
	const struct key **sorted = calloc(keys->count + 1, sizeof *sorted);
	int result = 0;

	if (sorted == NULL)
		return error_set(error, "out of memory");
	for (size_t i = 0; i < keys->count; i++)
		sorted[i] = &keys->list[i];
	qsort(sorted, keys->count, sizeof *sorted, compare_names);
	for (size_t i = 1; i < keys->count && result == 0; i++) {
		const struct key *one = sorted[i - 1], *two = sorted[i];
		if (strcmp(one->name, two->name) == 0 && two->expires_ms == 0)
			result = error_set(error,
					   "line %u: the name %s is that of line %u too; all but "
					   "one need expires=",
					   two->line, two->name, one->line);
	}
	free(sorted);
	return result;
}

int keys_parse(struct keys *keys, const char *text, size_t size, struct error *error)
{
	struct lines lines = {.at = text, .end = text + size};

	memset(keys, 0, sizeof *keys);
	int result = make_room(keys, lines, error);
	while (result == 0 && next_line(&lines))
		result = take_line(keys, &lines, error);
	if (result == 0)
		result = check_names(keys, error);
	if (result < 0)
		keys_free(keys);
	return result;
}

bool keys_expired(const struct key *key, uint64_t now_ms)
{
	return key->expires_ms != 0 && key->expires_ms <= now_ms;
}

void keys_key_free(struct key *key)
{
	free(key->host);
	free(key->doors);
	free(key->from);
	free(key->users);
	free(key->triggers);
	crypto_wipe(key, sizeof *key);
}

void keys_free(struct keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		keys_key_free(&keys->list[i]);
	free(keys->list);
	free(keys->index);
	crypto_wipe(keys, sizeof *keys);
}
