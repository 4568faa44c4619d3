/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "living.h"

#include <string.h>

/* Where it is, or would be. New numbers are mostly the greatest. */
static size_t place(const struct living *living, uint64_t grant)
{
	size_t from = 0, to = living->n;

	if (to > 0 && living->list[to - 1].grant < grant)
		return to;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (living->list[middle].grant < grant)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool is_at(const struct living *living, size_t at, uint64_t grant)
{
	return at < living->n && living->list[at].grant == grant;
}

const struct rule *living_find(const struct living *living, uint64_t grant)
{
	size_t at = place(living, grant);

	return is_at(living, at, grant) ? &living->list[at] : NULL;
}

bool living_put(struct living *living, const struct rule *rule)
{
	size_t at = place(living, rule->grant);

	if (!is_at(living, at, rule->grant)) {
		if (living->n == LIVING_MAX)
			return false;
		memmove(&living->list[at + 1], &living->list[at], (living->n - at) * sizeof(*rule));
		living->n++;
	}
	living->list[at] = *rule;
	return true;
}

bool living_remove(struct living *living, uint64_t grant)
{
	size_t at = place(living, grant);

	if (!is_at(living, at, grant))
		return false;
	living->n--;
	memmove(&living->list[at], &living->list[at + 1], (living->n - at) * sizeof(*living->list));
	return true;
}

size_t living_expire(struct living *living, uint64_t now_ms, struct rule *ended, size_t room)
{
	size_t kept = 0, gone = 0;

	for (size_t i = 0; i < living->n; i++) {
		const struct rule *rule = &living->list[i];
		if (rule->until_ms <= now_ms && gone < room)
			ended[gone++] = *rule;
		else if (kept++ != i)
			living->list[kept - 1] = *rule;
	}
	living->n = kept;
	return gone;
}

uint64_t living_first_end(const struct living *living)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < living->n; i++)
		if (living->list[i].until_ms < first)
			first = living->list[i].until_ms;
	return first;
}
