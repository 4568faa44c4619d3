/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Postern's rules in the language of nft, in the administrator's own table.
 */
#ifndef RULES_NFT_H
#define RULES_NFT_H

#include "rules.h"

/* The chain that a host without any rules on the way in gets for ours. What else is put there stays. */
#define RULES_NFT_INPUT "postern_input"

/* What the doctor has keep out what is forwarded: a table, and its chain. */
#define RULES_NFT_FORWARD       "inet postern_forward"
#define RULES_NFT_FORWARD_CHAIN "guard"
#define RULES_NFT_FORWARD_HOOK  "{ type filter hook forward priority filter - 1; }"

void rules_nft(const struct rules *rules, struct plan *plan);
/* Lines for the end of a file from which nft loads the host's other rules as they are now; ours are in, and what
 * keeps out what is forwarded. Without the jump, if that is there. To be freed; null: no memory. */
char *rules_nft_file(const struct rules *rules, bool jumps);
/* What there has to be before them: "table inet filter with its chain input"; "": nothing. */
enum { RULES_NEEDS = 200 };
void rules_nft_needs(char text[static RULES_NEEDS], const struct rules *rules);
void rules_nft_removal(const struct rules *rules, const struct look *before, struct plan *plan);

#endif
