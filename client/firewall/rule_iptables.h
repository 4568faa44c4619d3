/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule as iptables-save writes it: what it means for a packet, as rule_read tells it.
 */
#ifndef RULE_IPTABLES_H
#define RULE_IPTABLES_H

#include "rule.h"

void rule_iptables(struct rule_sense *sense, const char *text, const struct rule_packet *packet,
		   const struct config *ours);

#endif
