/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon that runs, as far as it tells: does it answer, has it read the files that are there? And how
 * it is made to read them.
 */
#ifndef RUNNING_H
#define RUNNING_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "error.h"
#include "mark.h"

enum { RUNNING_MOMENT = 40 };

struct running {
	bool answers;
	struct error error; /* why it does not; or why it refused the latest reload, or "" */
	char started[RUNNING_MOMENT];                      /* when it began, or was reloaded last */
	uint32_t refused;                                  /* reloads, so far */
	char config_mark[MARK_TEXT], keys_mark[MARK_TEXT]; /* of the files that it has read */
};

void running_ask(struct running *running, const struct config *config);

/* Has the daemon read other files than are there now? */
bool running_has_other_config(const struct running *running, const char *config_path);
bool running_has_other_keys(const struct running *running, const char *keys_path);

/* Has posternd read its files again, and waits until it works by them. 0; -1 with the error: it did not take
 * them, and goes on as before; -2: it does not run, or can't be told. */
int running_reload(const struct config *config, struct error *error);
/* That, if it runs and has read another configuration than is there. 0, or -1 with the error. */
int running_renew(const struct config *config, const char *config_path, struct error *error);

#endif
