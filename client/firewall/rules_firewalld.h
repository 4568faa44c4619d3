/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Postern's rules in the files from which firewalld, where it uses iptables, makes its own again.
 */
#ifndef RULES_FIREWALLD_H
#define RULES_FIREWALLD_H

#include "rules.h"

/* Its chain for the rules of others, before those of its zones. */
#define RULES_FIREWALLD_INPUT  "INPUT_direct"

#define RULES_FIREWALLD_DIRECT "/etc/firewalld/direct.xml"

/* Put among them (put), or taken out. 0; or -1 with what is wrong, and nothing was edited. */
int rules_firewalld(const struct rules *rules, struct edits *edits, bool put, struct error *error);

/* Are they there? */
bool rules_firewalld_has(void);

#endif
