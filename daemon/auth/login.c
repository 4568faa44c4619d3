/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login.h"

#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "hash.h"
#include "holder.h"
#include "store.h"

struct login {
	struct address address;
	struct door door;
	uint64_t at_ms, until_ms; /* the knock; the end of its grant. By the boot clock */
	uint64_t grant, knock;
	uint32_t holder;
	uint32_t next; /* in its bucket: slot plus one, 0: none */
	bool living, consumed;
};

/* A ring: the slot to fill next holds the oldest. */
static struct {
	struct login *ring;
	uint32_t *buckets;
	uint32_t next;
	struct hash_key hash;
} table;

static const char *const names[] = {
#define LOGIN_NAME(symbol, name) name,
    LOGIN_REASONS(LOGIN_NAME)
#undef LOGIN_NAME
};

const char *login_name(enum login_reason reason)
{
	return names[reason];
}

int login_start(void)
{
	login_end();
	table.ring = calloc(LOGIN_TABLE, sizeof *table.ring);
	table.buckets = calloc(LOGIN_TABLE, sizeof *table.buckets);
	crypto_random(&table.hash, sizeof table.hash);
	if (table.ring != NULL && table.buckets != NULL)
		return 0;
	login_end();
	return -1;
}

void login_end(void)
{
	free(table.ring);
	free(table.buckets);
	memset(&table, 0, sizeof table);
}

static uint32_t *bucket_of(const struct address *address)
{
	uint64_t hash = hash_of(&table.hash, address->bytes, sizeof address->bytes);

	return &table.buckets[hash % LOGIN_TABLE];
}

static struct login *at(uint32_t link)
{
	return link == 0 ? NULL : &table.ring[link - 1];
}

static uint32_t link_of(const struct login *login)
{
	return (uint32_t)(login - table.ring) + 1;
}

static void unlink_login(struct login *login)
{
	uint32_t *link = bucket_of(&login->address);

	while (*link != 0 && *link != link_of(login))
		link = &at(*link)->next;
	if (*link != 0)
		*link = login->next;
	login->living = false;
}

void login_opened(const struct grant *grant)
{
	struct login *login = &table.ring[table.next];
	uint32_t *bucket = bucket_of(&grant->address);

	table.next = (table.next + 1) % LOGIN_TABLE;
	if (login->living)
		unlink_login(login);
	*login = (struct login){.address = grant->address,
				.door = grant->door,
				.at_ms = grant->since_boot_ms,
				.until_ms = grant->until_boot_ms,
				.grant = grant->number,
				.knock = grant->knock,
				.holder = grant->holder,
				.next = *bucket,
				.living = true,
				.consumed = grant->logins == 0};
	*bucket = link_of(login);
}

static bool is_meant(const struct login *login, const struct login_target *target)
{
	return (target->key == NULL || target->key == holder_key(login->holder)) &&
	       (target->address == NULL || address_equal(&login->address, target->address)) &&
	       (target->door == NULL || door_equal(&login->door, target->door));
}

/* If it is meant; whether it was. */
static bool close_login(struct login *login, const struct login_target *target)
{
	if (!login->living || !is_meant(login, target))
		return false;
	store_put_turn(login->grant, ROWS_TURN_ENDED);
	unlink_login(login);
	return true;
}

static size_t close_anywhere(const struct login_target *target)
{
	size_t count = 0;

	/* The latest first, as they stand in their buckets, so that each is found at once. */
	for (uint32_t i = 1; i <= LOGIN_TABLE; i++)
		count +=
		    close_login(&table.ring[(table.next + LOGIN_TABLE - i) % LOGIN_TABLE], target);
	return count;
}

size_t login_close(const struct login_target *target)
{
	size_t count = 0;

	if (target->address == NULL)
		return close_anywhere(target);
	for (struct login *next, *l = at(*bucket_of(target->address)); l != NULL; l = next) {
		next = at(l->next);
		count += close_login(l, target);
	}
	return count;
}

/* The administrator opens for whoever logs in. */
static bool fits_user(uint32_t holder, const char *user)
{
	const struct key *key = holder_key(holder);

	if (user == NULL || holder == holder_admin())
		return true;
	for (unsigned i = 0; i < key->n_users; i++)
		if (strcmp(key->users[i], user) == 0)
			return true;
	return key->n_users == 0 && strcmp(key->name, user) == 0;
}

static bool fits_age(const struct login *login, uint64_t max_age_ms, uint64_t boot_ms)
{
	if (max_age_ms == 0)
		return boot_ms < login->until_ms;
	return boot_ms - login->at_ms < max_age_ms && boot_ms - login->at_ms < LOGIN_KEPT_MS;
}

static enum login_reason judge(const struct login *login, const struct login_ask *ask,
			       const struct now *now)
{
	if (ask->door != NULL && !door_equal(&login->door, ask->door))
		return LOGIN_DOOR;
	if (!fits_age(login, ask->max_age_ms, now->boot_ms) ||
	    keys_expired(holder_key(login->holder), now->wall_ms))
		return LOGIN_OLD;
	if (!fits_user(login->holder, ask->user))
		return LOGIN_USER;
	return login->consumed ? LOGIN_CONSUMED : LOGIN_YES;
}

static void use_up(struct login *login)
{
	struct grant *grant = grant_find(login->grant);

	login->consumed = true;
	if (grant != NULL)
		grant->logins = 0;
	store_put_turn(login->grant, ROWS_TURN_USED);
}

/* One knock may have opened several doors: it is one login all the same. */
static void consume(struct login *login)
{
	for (struct login *l = at(*bucket_of(&login->address)); l != NULL; l = at(l->next))
		if (l->knock == login->knock && l->holder == login->holder &&
		    address_equal(&l->address, &login->address))
			use_up(l);
}

enum login_reason login_check(struct login_found *found, const struct login_ask *ask,
			      const struct now *now)
{
	enum login_reason best = LOGIN_NO_KNOCK;
	struct login *latest = NULL;

	for (struct login *l = at(*bucket_of(&ask->address)); l != NULL; l = at(l->next)) {
		if (!address_equal(&l->address, &ask->address))
			continue;
		enum login_reason reason = judge(l, ask, now);
		if (reason > best)
			best = reason;
		if (reason == LOGIN_YES && (latest == NULL || l->at_ms > latest->at_ms))
			latest = l;
	}
	if (latest == NULL)
		return best;
	*found = (struct login_found){.holder = latest->holder,
				      .age_ms = now->boot_ms - latest->at_ms,
				      .grant = latest->grant};
	if (ask->consume)
		consume(latest);
	return LOGIN_YES;
}
