/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two rulesets have in common: is what one of them (a file's) has in the other (the host's), too?
 */
#ifndef COMMON_H
#define COMMON_H

#include <stdbool.h>

#include "ruleset.h"

struct common {
	bool any;    /* has the first one rules, or policies that drop, that count? */
	bool shared; /* ... and has the other one of these? */
};

/* counts: does this rule of the first one, or (null) the policy of this chain? */
void common_look(struct common *common, const struct ruleset *first, const struct ruleset *other,
		 bool (*counts)(const void *context, const struct ruleset_chain *chain,
				const struct ruleset_rule *rule),
		 const void *context);

/* Has the ruleset this rule of another's chain (null: that chain's policy, if it drops), if it is this maker's? */
bool common_has(const struct ruleset *ruleset, enum ruleset_maker maker,
		const struct ruleset_chain *chain, const struct ruleset_rule *rule);

#endif
