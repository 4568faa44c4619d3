/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source.h"

#include <string.h>

#include "nflog.h"

static const struct source *const sources[] = {[SOURCE_NFLOG] = &nflog_source};

enum { SOURCES = sizeof sources / sizeof *sources };

const struct source *source_of(uint32_t kind)
{
	return kind < SOURCES ? sources[kind] : NULL;
}

const struct source *source_named(const char *name, uint32_t *kind)
{
	for (uint32_t i = 0; i < SOURCES; i++)
		if (sources[i] != NULL && strcmp(sources[i]->name, name) == 0) {
			*kind = i;
			return sources[i];
		}
	return NULL;
}
