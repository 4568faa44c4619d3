/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Postern's rules in the files from which ufw makes its own again.
 */
#ifndef RULES_UFW_H
#define RULES_UFW_H

#include "moving.h"
#include "rules.h"

/* Put among them (put), or taken out. 0; or -1 with what is wrong, and nothing was edited. */
int rules_ufw(const struct rules *rules, struct edits *edits, bool put, struct error *error);

/* The command that has ufw keep this rule before ours, and take it out from where it stands. False: it can't be
 * told, or ours are not in its files. */
bool rules_ufw_command(char command[static MOVING_COMMAND], const struct ruleset_rule *rule,
		       uint8_t family);

/* The next of ufw's files (*from: 0 at first) in which lines of Postern's are, and the numbers of these: once ours are
 * out of it, those that somebody has put there by hand. Null: no more. */
enum { RULES_UFW_LINES = 120 };
const char *rules_ufw_left(char numbers[static RULES_UFW_LINES], const struct config *config,
			   size_t *from);

#endif
