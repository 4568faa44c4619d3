/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do the host's rules do what Postern needs of them? Asked by sending packets through them, in mind:
 * a knock has to be logged, a grant let in, a stranger kept out, a session go on.
 */
#ifndef EFFECT_H
#define EFFECT_H

#include <stdbool.h>

#include "config.h"
#include "look.h"
#include "rules.h"
#include "trace.h"

enum effect_kind {
	EFFECT_KNOCK,    /* is not logged where the daemon reads */
	EFFECT_GRANT,    /* does not let in */
	EFFECT_STRANGER, /* is let in */
	EFFECT_SESSION,  /* ends when the grant does */
	EFFECT_BANS,     /* of fail2ban are not asked for whom a grant lets in */
	EFFECT_LEFT, /* though no grant opens anything, rules of Postern's for another backend shut */
	EFFECT_KINDS
};

/* What is wrong, in words, and which rule is in the way. */
struct effect {
	enum effect_kind kind;
	char text[400];
	struct trace_result by;
};

/* The first thing of this kind that is wrong; false: nothing is. */
bool effect_wrong(struct effect *effect, enum effect_kind kind, const struct look *look,
		  const struct config *config);
bool effect_wrong_over(struct effect *effect, enum effect_kind kind, const struct look *look,
		       const struct config *config, uint8_t family);

/* Do the rules shut the doors, and does a grant open them? Whoever has made them. */
bool effect_works(const struct look *look, const struct config *config);

/* The rule by which fail2ban is asked only after this place, so that a grant lets in whom it has banned; null: there is
 * none. */
const struct ruleset_rule *effect_bans_later(const struct look *look, const struct config *config,
					     const struct rules_place *place, uint8_t family);

/* The rule that lets an address in to some door whatever the knock does; null: there is none. */
const struct ruleset_rule *effect_second_way(const struct look *look, const struct config *config,
					     uint8_t family);

/* Does a rule log to this group? */
bool effect_logs_to(const struct look *look, const struct config *config, uint32_t group,
		    uint8_t family);

#endif
