/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Can this kernel, and can the host's programs, do what the rules need? Found out by making them, in a
 * network of its own that ends with the trial: the host's is not touched.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "config.h"
#include "look.h"

/* 0, also where no such network can be made, or a program is not there to make them; or -1 with the
 * command that failed, and what it said. */
int trial_run(const struct config *config, const struct look *look, enum ruleset_maker keeper,
	      struct error *error);

#endif
