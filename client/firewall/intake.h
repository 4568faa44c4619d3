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

enum { INTAKE_SECTION = 1024 };

enum intake_choice {
	INTAKE_STAYS, /* as it is configured */
	INTAKE_OTHER, /* the configuration has another now: why says which, and why */
	INTAKE_NONE   /* can be had: why says what would mend that */
};

/* With the backend that is chosen, whose rules join the keeper's. Changes the configuration where its one
 * source is NFLOG and can't be had. */
enum intake_choice intake_choose(struct config *config, const struct look *look,
				 enum ruleset_maker keeper, struct error *why);

/* "source pcap { ... }": of the first source. */
void intake_section(char text[static INTAKE_SECTION], const struct config *config);
/* "ports { ... }", by which single packets are not taken: a log has none. */
void intake_ports(char text[static INTAKE_SECTION], const struct config *config);

#endif
