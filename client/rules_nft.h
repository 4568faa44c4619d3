/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Postern's rules in the language of nft, in the administrator's own table.
 */
#ifndef RULES_NFT_H
#define RULES_NFT_H

#include "rules.h"

void rules_nft(const struct rules *rules, struct plan *plan);
void rules_nft_removal(const struct rules *rules, const struct look *before, struct plan *plan);

#endif
