/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources of one configuration, as posternd has them open: for capture to read, and tended here
 * as long as they are. At a reload those that are configured as before go over as they are.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include <poll.h>
#include <stdint.h>

#include "config.h"
#include "error.h"
#include "source.h"

struct sources {
	uint32_t n;
	struct source_held held[CONFIG_SOURCES];
};

/* Is each of them possible in this build, on this host? path is where config was read: what is wrong
 * is told with its line. 0 or -1. */
int sources_check(const struct config *config, const char *path, struct error *error);

/* Before a capture starts: opens those of config that are not open yet. 0; or -1, with those left open that were. */
int sources_open(struct sources *sources, const struct config *config, struct error *error);
void sources_close(struct sources *sources);
/* Those of from that config has likewise go over to to. */
void sources_move(struct sources *to, const struct config *config, struct sources *from);

/* All descriptors, and the kind of each. How many. */
uint32_t sources_list(const struct sources *sources, int *descriptors, uint32_t *kinds);

/* What to poll for: CONFIG_SOURCES entries. Back from poll: tends those that ask for it. */
void sources_poll(const struct sources *sources, struct pollfd *polls);
void sources_polled(struct sources *sources, const struct pollfd *polls);

#endif
