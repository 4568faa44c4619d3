/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a packet on its way in: through all base chains of all makers, in the order of their
 * priority, as the kernel would send it. Where a rule only may match, the way goes on as if it did
 * not, and whoever watches is told. What lets in some strangers lets in.
 */
#ifndef TRACE_H
#define TRACE_H

#include "rule.h"
#include "ruleset.h"

enum trace_end { TRACE_ACCEPTED, TRACE_DROPPED, TRACE_REJECTED };

struct trace_result {
	enum trace_end end;
	const struct ruleset_chain *chain; /* that decided; null: nobody did */
	const struct ruleset_rule *rule;   /* null: by the chain's policy */
	const struct ruleset_chain *base;  /* by which the packet came there */
	/* What chose this packet: that rule, or the last on the way to it that asks for the port. */
	const struct ruleset_rule *chooses;
	/* Somebody else's that has set Postern's mark before that, or cleared it, or had the packet not tracked; null:
	 * none has. */
	const struct ruleset_rule *marks;
	const struct ruleset_chain *marks_chain;
	bool untracked;
};

/* A rule that matches, or may. certain: it is done as it says, for no rule on this way was only a maybe. */
struct trace_step {
	const struct ruleset_chain *chain;
	const struct ruleset_rule *rule;
	const struct rule_sense *sense;
	const struct ruleset_chain *base; /* by which the packet came there */
	bool certain;
};

/* watch may be null. */
struct trace_result trace_packet(const struct ruleset *ruleset, const struct rule_packet *packet,
				 const struct config *ours,
				 void (*watch)(void *context, const struct trace_step *step),
				 void *context);

#endif
