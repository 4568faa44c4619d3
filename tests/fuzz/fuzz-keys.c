/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Key files: each key of a file that parses is found by its id, and its line, printed, parses
 * again to the same; a file that does not parse leaves nothing behind and names a line.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_print(const struct key *key)
{
	char line[KEYS_LINE], line_again[KEYS_LINE];
	uint8_t server[CRYPTO_KEY];
	struct error error;
	struct key again;
	uint64_t since;

	/* Some values are longer in the form that we print: a line of nearly the greatest length
	 * may outgrow it. */
	if (keys_print_line(line, sizeof line, key, &error) < 0)
		return;
	assert(keys_parse_line(line, &again, server, &since, &error) == KEYS_KEY);
	assert(keys_print_line(line_again, sizeof line_again, &again, &error) == 0);
	assert(strcmp(line, line_again) == 0);
	keys_key_free(&again);
}

static void check_key(const struct keys *keys, const struct key *key)
{
	assert(keys_find(keys, key->who.id) == key);
	assert(key->who.id != 0 && key->line > 0 && name_valid(key->name));
	assert(key->nat || !key->code);
	assert(key->max_s == 0 || key->for_s <= key->max_s);
	assert(key->host == NULL || token_host_valid(key->host));
	assert(key->n_doors <= KEYS_DOORS && key->n_from <= KEYS_NETWORKS);
	assert(key->n_users <= KEYS_USERS && key->n_triggers <= KEYS_TRIGGERS);
	for (size_t i = 0; i < key->n_doors; i++)
		assert(key->doors[i].port != 0 && door_proto_known(key->doors[i].proto));
	for (size_t i = 0; i < key->n_users; i++)
		assert(key->users[i][0] != '\0');
	for (size_t i = 0; i < key->n_triggers; i++)
		assert(key->triggers[i] != 0);
	check_print(key);
}

static void check_server(const struct keys *keys)
{
	char line[KEYS_LINE];
	uint8_t server[CRYPTO_KEY];
	struct error error;
	struct key key;
	uint64_t since;

	keys_print_server(line, sizeof line, keys->server, keys->since_ms);
	assert(keys_parse_line(line, &key, server, &since, &error) == KEYS_SERVER);
	assert(crypto_equal(server, keys->server, sizeof server) && since == keys->since_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct keys nothing;
	struct error error = {""};
	struct keys keys;

	memset(&keys, 0xff, sizeof keys);
	if (keys_parse(&keys, (const char *)data, size, &error) < 0) {
		assert(memcmp(&keys, &nothing, sizeof keys) == 0);
		assert(strncmp(error.text, "line ", 5) == 0);
		assert(strpbrk(error.text, "\n\r\t\033") == NULL);
		return 0;
	}
	assert(keys.has_server || keys.count == 0);
	assert(keys_find(&keys, 0) == NULL);
	for (size_t i = 0; i < keys.count; i++)
		check_key(&keys, &keys.list[i]);
	if (keys.has_server)
		check_server(&keys);
	keys_free(&keys);
	return 0;
}
