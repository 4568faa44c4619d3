/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands that take a rule of the host's out, or put it to another place of its table, as they are told to a
 * person: each can be run again, and at no moment is there no such rule.
 */
#ifndef MOVING_H
#define MOVING_H

#include "look.h"

enum { MOVING_COMMAND = 4096 };

/* False: it would be too long to be told, or no shell or program could be given its words. */
bool moving_out(char command[static MOVING_COMMAND], const struct look *look,
		const struct ruleset_rule *rule);
/* To this chain, before this rule of it; null: to its top. */
bool moving_to(char command[static MOVING_COMMAND], const struct look *look,
	       const struct ruleset_rule *rule, const struct ruleset_chain *to,
	       const struct ruleset_rule *before);

/* A rule of iptables as words for a shell. False: as above. */
bool moving_words(char words[static MOVING_COMMAND], const struct ruleset_rule *rule);

#endif
