/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule as nft lists it: what it means for a packet, as rule_read tells it.
 */
#ifndef RULE_NFT_H
#define RULE_NFT_H

#include "rule.h"

void rule_nft(struct rule_sense *sense, const struct ruleset_chain *chain, const char *text,
	      const struct rule_packet *packet, const struct config *ours);

#endif
