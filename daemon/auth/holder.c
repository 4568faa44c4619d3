/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "holder.h"

#include <string.h>

static const struct key admin = {.name = "admin"};
static const struct keys *keys;

void holder_start(const struct keys *these)
{
	keys = these;
}

uint32_t holder_admin(void)
{
	return (uint32_t)keys->count;
}

uint32_t holder_count(void)
{
	return holder_admin() + 1;
}

const struct key *holder_key(uint32_t holder)
{
	return holder == holder_admin() ? &admin : &keys->list[holder];
}

bool holder_find(uint32_t *holder, uint32_t id, const char *name)
{
	const struct key *key = id == 0 ? &admin : keys_find(keys, id);

	if (key == NULL || strcmp(key->name, name) != 0)
		return false;
	*holder = key == &admin ? holder_admin() : (uint32_t)(key - keys->list);
	return true;
}
