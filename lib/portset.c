/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portset.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

enum { PORTS = 65536 };

/* All ports as bits: what order the items come in, and which of them touch, is then no matter. */
struct bitmap {
	uint8_t bits[PORTS / 8];
};

static bool bitmap_has(const struct bitmap *map, uint32_t port)
{
	return (map->bits[port / 8] >> (port % 8) & 1) != 0;
}

static int add_range(struct bitmap *map, uint32_t first, uint32_t last, struct error *error)
{
	for (uint32_t port = first; port <= last; port++) {
		if (bitmap_has(map, port))
			return error_set(error, "port %u is named twice; name it once", port);
		map->bits[port / 8] |= (uint8_t)(1u << (port % 8));
	}
	return 0;
}

/* "a" or "a-b" at *text, which is moved behind it. */
static int add_item(struct bitmap *map, const char **text, struct error *error)
{
	uint32_t first = 0, last;
	const char *at = *text;
	int shown = (int)strnlen(*text, 24); /* enough to find it by */
	int failed = number_take(&first, &at, PORTS - 1);

	last = first;
	if (failed == 0 && *at == '-') {
		at++;
		failed = number_take(&last, &at, PORTS - 1);
	}
	if (failed < 0 || first == 0 || (*at != '\0' && *at != ','))
		return error_set(error, "\"%.*s\" is no port (1-65535) or range (a-b)", shown,
				 *text);
	if (first > last)
		return error_set(error, "the range %u-%u descends; write %u-%u", first, last, last,
				 first);
	*text = at;
	return add_range(map, first, last, error);
}

static int fill(struct bitmap *map, const char *text, struct error *error)
{
	if (*text == '\0')
		return 0;
	for (;;) {
		if (add_item(map, &text, error) < 0)
			return -1;
		if (*text == '\0')
			return 0;
		text++; /* the comma: an item must follow */
	}
}

static int collect(struct portset *set, const struct bitmap *map, struct error *error)
{
	bool inside = false;

	memset(set, 0, sizeof *set);
	for (uint32_t port = 1; port < PORTS; port++) {
		bool has = bitmap_has(map, port);
		if (has && !inside) {
			if (set->n_ranges == PORTSET_RANGES)
				return error_set(error,
						 "more than %d ranges of ports; name fewer, longer "
						 "ones",
						 PORTSET_RANGES);
			set->ranges[set->n_ranges++].first = (uint16_t)port;
		}
		if (has) {
			set->ranges[set->n_ranges - 1].last = (uint16_t)port;
			set->count++;
		}
		inside = has;
	}
	return 0;
}

int portset_parse(struct portset *set, const char *text, struct error *error)
{
	struct bitmap map = {{0}};
	struct portset parsed;

	if (fill(&map, text, error) < 0 || collect(&parsed, &map, error) < 0)
		return -1;
	*set = parsed;
	return 0;
}

void portset_print(char text[static PORTSET_TEXT], const struct portset *set)
{
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < set->n_ranges; i++) {
		unsigned first = set->ranges[i].first, last = set->ranges[i].last;
		const char *comma = i == 0 ? "" : ",";
		int n =
		    first == last
			? snprintf(text + used, PORTSET_TEXT - used, "%s%u", comma, first)
			: snprintf(text + used, PORTSET_TEXT - used, "%s%u-%u", comma, first, last);
		used += (size_t)n;
	}
}

bool portset_contains(const struct portset *set, uint16_t port)
{
	return portset_rank(set, port) >= 0;
}

int32_t portset_rank(const struct portset *set, uint16_t port)
{
	int32_t before = 0;

	for (uint32_t i = 0; i < set->n_ranges; i++) {
		int32_t first = set->ranges[i].first, last = set->ranges[i].last;
		if (port < first)
			return -1;
		if (port <= last)
			return before + port - first;
		before += last - first + 1;
	}
	return -1;
}

uint16_t portset_nth(const struct portset *set, uint32_t rank)
{
	for (uint32_t i = 0; i < set->n_ranges; i++) {
		uint32_t first = set->ranges[i].first, last = set->ranges[i].last;
		if (rank <= last - first)
			return (uint16_t)(first + rank);
		rank -= last - first + 1;
	}
	return 0; /* no port has this rank; 0 is no port */
}
