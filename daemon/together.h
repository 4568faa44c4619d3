/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What no option of the configuration can see by itself: those that need, or exclude, each other.
 */
#ifndef TOGETHER_H
#define TOGETHER_H

#include "config.h"
#include "error.h"
#include "layout.h"

/* Checks a configuration that was read from file, and completes what follows from the whole. 0; or
 * -1 with "FILE:LINE: what; what to do". */
int together_check(struct config *config, const struct layout *layout, const char *file,
		   struct error *error);

#endif
