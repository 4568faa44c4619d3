/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon that runs, as far as it tells: does it answer, and has it read the files that are there?
 */
#ifndef RUNNING_H
#define RUNNING_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "error.h"

struct running {
	bool answers;
	struct error error;  /* why it does not */
	uint64_t started_ms; /* when it began, or was reloaded last; 0: it does not say */
	uint32_t keys;       /* that it has in force; UINT32_MAX: it does not say */
};

void running_ask(struct running *running, const struct config *config);

/* Was this configuration written after the daemon has read its own? */
bool running_is_older(const struct running *running, const char *config_path);

enum { RUNNING_RELOAD = 160 };
/* The command that has it read its files again. */
void running_reload(char command[static RUNNING_RELOAD], const struct config *config);

#endif
