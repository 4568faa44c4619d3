/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where packets come from. Each source is opened by posternd, who may, and read by postern-capture,
 * who may nothing else: so open and read are never one call, and share only descriptors. Some
 * need posternd's hand as long as they are open: an interface that comes back, a file that grows.
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
#include "portset.h"

/* Kinds, in the order of the table. "source pcap" of the configuration is one of two. */
enum { SOURCE_NFLOG = 1, SOURCE_PCAP, SOURCE_SAVEFILE, SOURCE_LOG };

enum {
	SOURCE_GROUPS = 16,
	SOURCE_INTERFACES = 15,
	SOURCE_INTERFACE = 16, /* IFNAMSIZ */
	SOURCE_FILE = 256,
	SOURCE_PATTERN = 512,
	SOURCE_DESCRIPTORS = 16
};

/* What the configuration says of one source. Fixed size: it travels in struct start. */
struct source_config {
	uint32_t kind;
	uint32_t n_groups; /* nflog */
	uint16_t groups[SOURCE_GROUPS];
	uint32_t n_interfaces; /* pcap */
	char interfaces[SOURCE_INTERFACES][SOURCE_INTERFACE];
	struct portset spa, sequence, code; /* pcap: what its filter lets through */
	char file[SOURCE_FILE];             /* savefile, log */
	char pattern[SOURCE_PATTERN];       /* log: "" = what the kernel writes */
};

/* One source as posternd has it open. */
struct source_held {
	struct source_config config;
	size_t n;
	int descriptors[SOURCE_DESCRIPTORS]; /* for capture, each readable by itself */
	int wake;                            /* readable: call tend. -1: never */
	void *own;                           /* the source's */
};

/* What one read brought, beside the packets themselves. */
struct source_news {
	uint32_t packets; /* handed to take, sightings or not */
	uint32_t lost;    /* times that something had to be dropped */
	bool more;        /* its share was used up: there may be more */
};

/* What read found. */
enum source_state {
	SOURCE_GONE = -1, /* the descriptor is of no more use; to be opened again */
	SOURCE_FINE = 0,
	SOURCE_OVER = 1 /* nothing will ever come again; error says why */
};

/* Called for each packet. sighting is null where the reason is not PACKET_OK. */
typedef void source_take(void *context, enum packet_reason reason, const struct sighting *sighting);

/* Called with what an administrator should know of a source: good news, or bad. */
typedef void source_tell(bool good, const char *text);

struct source {
	const char *name; /* as in the configuration */
	/* Is what this configuration says possible at all? Null: it always is. 0 or -1. */
	int (*check)(const struct source_config *config, struct error *error);
	/* Privileged. Opens, binds and configures what held->config says; fills up to room
	 * descriptors, close-on-exec and non-blocking. 0; or -1, with none left open. */
	int (*open)(struct source_held *held, size_t room, struct error *error);
	/* Privileged, before another capture reads what one that has ended did; tend follows. Null: that
	 * makes no difference. */
	void (*renew)(struct source_held *held);
	/* Privileged, whenever wake is readable, and once after open; reads nothing that a stranger
	 * wrote. Null: there is nothing to do. */
	void (*tend)(struct source_held *held, source_tell *tell);
	/* Privileged. What open made beside the descriptors. Null: nothing. */
	void (*close)(struct source_held *held);
	/* In capture, before lockdown; reads nothing. Null: nothing to prepare. 0 or -1. */
	int (*prepare)(const struct source_config *config, struct error *error);
	/* Unprivileged, after lockdown; allocates nothing (but see savefile.h). Reads what is there
	 * now, up to a bound of its own (so that several descriptors share the time). */
	enum source_state (*read)(int descriptor, source_take *take, void *context,
				  struct source_news *news, struct error *error);
};

/* Null for a kind that is not built in. */
const struct source *source_of(uint32_t kind);

/* By the kind of the configuration: check, with words for what is not built in; open, into *held,
 * which is whole only after 0; and close. */
int source_check(const struct source_config *config, struct error *error);
int source_open(struct source_held *held, const struct source_config *config, size_t room,
		struct error *error);
void source_close(struct source_held *held);

/* For those that open sockets: as large a buffer as the system allows. */
void source_enlarge(int descriptor);

#endif
