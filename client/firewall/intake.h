/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which source this host can serve: NFLOG; where the kernel or a program can't do that, the wire, or a
 * log. One that is configured and works stays.
 */
#ifndef INTAKE_H
#define INTAKE_H

#include "config.h"
#include "look.h"

/* "nflog" */
const char *intake_name(const struct config *config);

enum { INTAKE_SECTION = 512 };

/* With the backend that is chosen, whose rules join the keeper's. Changes the configuration where its one
 * source is NFLOG and can't be had. True: it has changed; why says that, and what the other can't do. */
bool intake_choose(struct config *config, const struct look *look, enum ruleset_maker keeper,
		   struct error *why);

/* "source pcap { ... }": of the first source. */
void intake_section(char text[static INTAKE_SECTION], const struct config *config);

#endif
