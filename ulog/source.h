/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where packets come from. Each source is opened by posternd, who may, and read by postern-capture,
 * who may nothing else: so open and read are never one call, and share only descriptors.
 *
 * To add a source: its file here, a line in source.c's table, its section in daemon/config.c.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "packet.h"

enum { SOURCE_NFLOG = 1 }; /* kinds, in the order of the table */

enum { SOURCE_GROUPS = 16, SOURCE_DESCRIPTORS = 16 };

/* What the configuration says of one source. Fixed size: it travels in struct start. */
struct source_config {
	uint32_t kind;
	uint32_t n_groups; /* nflog */
	uint16_t groups[SOURCE_GROUPS];
};

/* What one read brought, beside the packets themselves. */
struct source_news {
	uint32_t packets; /* handed to take, sightings or not */
	uint32_t lost;    /* times that the kernel said it had to drop some (ENOBUFS) */
};

/* Called for each packet. sighting is null where the reason is not PACKET_OK. */
typedef void source_take(void *context, enum packet_reason reason, const struct sighting *sighting);

struct source {
	const char *name; /* as in the configuration */
	/* Privileged. Opens, binds and configures; fills up to room descriptors, close-on-exec and
	 * non-blocking, each readable by itself. Returns how many; or -1, with none left open. */
	int (*open)(const struct source_config *config, int *descriptors, size_t room,
		    struct error *error);
	/* Unprivileged, after lockdown; allocates nothing. Reads what is there now, up to a bound
	 * of its own (so that several descriptors share the time). 0, or -1: the descriptor is of
	 * no more use. */
	int (*read)(int descriptor, source_take *take, void *context, struct source_news *news,
		    struct error *error);
};

/* Null for a kind that is not built in. By the name of the configuration likewise. */
const struct source *source_of(uint32_t kind);
const struct source *source_named(const char *name, uint32_t *kind);

#endif
