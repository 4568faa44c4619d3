/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would become of rules here? Found out by making them, in a network of its own that ends with the
 * trial: the host's is not touched.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "config.h"
#include "look.h"

/* Calls act in a process with such a network, an empty one, and with a lock of iptables of its own. What it
 * writes to the line, up to size bytes, is the answer: how many; 0 also where none can be made. */
size_t trial_ask(void (*act)(const void *context, int line), const void *context, void *answer,
		 size_t size);

/* Can this kernel, and can the host's programs, do what the rules need? 0, also where no such network can
 * be made, or a program is not there to make them; or -1 with the command that failed, and what it said. */
int trial_run(const struct config *config, const struct look *look, enum ruleset_maker keeper,
	      struct error *error);

#endif
