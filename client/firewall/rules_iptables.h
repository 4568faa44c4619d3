/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Postern's rules in the language of iptables, legacy or not, with or without sets of ipset's.
 */
#ifndef RULES_IPTABLES_H
#define RULES_IPTABLES_H

#include "rules.h"

/* What iptables-restore takes: a whole text, or (from not null) lines for one that has a table already,
 * with the rule that leads from this chain to ours. The caller frees it. */
char *rules_iptables_text(const struct rules *rules, uint8_t family, const char *from);
void rules_iptables(const struct rules *rules, struct plan *plan);
void rules_iptables_removal(const struct rules *rules, const struct look *before,
			    struct plan *plan);

#endif
