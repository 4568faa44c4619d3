/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"

#include <string.h>

/* Deeper than anybody's chains lead; so that no text takes all of the stack. */
enum { DEEPEST = 256, MOST_BASES = 256 };

struct walk {
	const struct ruleset *ruleset;
	struct rule_packet packet;
	const struct config *ours;
	void (*watch)(void *context, const struct trace_step *step);
	void *context;
	uint16_t *entered; /* of each chain, the ways (entry) */
	const struct ruleset_chain *base;
	struct trace_result result;
};

/* How a chain is left. */
enum leave { AT_ITS_END, ACCEPTED, DECIDED };

static enum leave walk_chain(struct walk *walk, const struct ruleset_chain *chain, int depth,
			     enum rule_truth sure);

static enum leave decide(struct walk *walk, enum trace_end end, const struct ruleset_chain *chain,
			 const struct ruleset_rule *rule)
{
	walk->result.end = end;
	walk->result.chain = chain;
	walk->result.rule = rule;
	walk->result.base = walk->base;
	walk->result.chooses = NULL;
	return end == TRACE_ACCEPTED ? ACCEPTED : DECIDED;
}

static bool is_our_chain(const struct walk *walk, const struct ruleset_chain *chain)
{
	const struct config *ours = walk->ours;
	return chain->maker == RULESET_LEGACY && ours->firewall == CONFIG_IPTC &&
	       strcmp(chain->name, ours->chain) == 0 && strcmp(chain->table, ours->table) == 0;
}

/* posternd's own chain, which has a rule for this packet exactly if there is a grant. */
static enum leave walk_ours(struct walk *walk, const struct ruleset_chain *chain,
			    const struct ruleset_rule *rule)
{
	if (!walk->packet.granted || walk->packet.established)
		return AT_ITS_END;
	if (strcmp(chain->table, "filter") == 0)
		return decide(walk, TRACE_ACCEPTED, chain, rule);
	walk->packet.mark |= walk->ours->mark;
	return AT_ITS_END;
}

/* How surely, with Postern's mark or without: a way to come into a chain. */
static uint16_t entry(const struct walk *walk, enum rule_truth sure)
{
	bool marked = (walk->packet.mark & walk->ours->mark) == walk->ours->mark;
	return (uint16_t)(1U << ((unsigned)sure * 2 + marked));
}

/* A chain that was left at its end would be so again; one that leads to itself is none that the kernel
 * takes. So no ruleset takes for ever. */
static enum leave follow(struct walk *walk, const struct trace_step *step, int depth,
			 enum rule_truth sure)
{
	const struct ruleset_chain *from = step->chain;
	const struct ruleset_chain *to = ruleset_find(
	    walk->ruleset, from->maker, walk->packet.family, from->table, step->sense->target);
	if (to == NULL || depth >= DEEPEST)
		return AT_ITS_END;
	if (is_our_chain(walk, to) && sure == RULE_YES)
		return walk_ours(walk, to, step->rule);
	uint16_t *entered = &walk->entered[to - walk->ruleset->chains], way = entry(walk, sure);
	if ((*entered & way) != 0)
		return AT_ITS_END;
	*entered |= way;
	enum leave leave = walk_chain(walk, to, depth + 1, sure);
	if (leave == ACCEPTED) /* as by the next base chain, if that leads to it */
		*entered &= (uint16_t)~way;
	return leave;
}

/* Of the rules that led to a decision, from the last to the first: the first that asks for the port. */
static void choose(struct walk *walk, const struct trace_step *step)
{
	if (walk->result.chooses == NULL && step->sense->names_port)
		walk->result.chooses = step->rule;
}

static bool leads(const struct rule_sense *sense)
{
	return sense->verdict == RULE_JUMP || sense->verdict == RULE_GOTO;
}

/* Of some it is true: these are let in, but what comes of all others is still to be seen. */
static bool is_certain(const struct rule_sense *sense, enum rule_truth sure)
{
	return sure == RULE_YES ||
	       (sure == RULE_PARTLY && (sense->verdict == RULE_ACCEPT || leads(sense)));
}

/* What a rule does that matches, as surely. *returns: leave this chain, to its caller. */
static enum leave obey(struct walk *walk, const struct trace_step *step, int depth,
		       enum rule_truth sure, bool *returns)
{
	switch (step->sense->verdict) {
	case RULE_ACCEPT:
		return decide(walk, TRACE_ACCEPTED, step->chain, step->rule);
	case RULE_DROP:
		return decide(walk, TRACE_DROPPED, step->chain, step->rule);
	case RULE_REJECT:
		return decide(walk, TRACE_REJECTED, step->chain, step->rule);
	case RULE_RETURN:
		*returns = true;
		return AT_ITS_END;
	case RULE_JUMP:
	case RULE_GOTO:
		*returns = step->sense->verdict == RULE_GOTO && sure == RULE_YES;
		return follow(walk, step, depth, sure);
	case RULE_GOES_ON:
	case RULE_UNKNOWN:
		break;
	}
	return AT_ITS_END;
}

/* What it makes of the packet, which goes on. */
static void change(struct walk *walk, const struct trace_step *step)
{
	struct rule_packet *packet = &walk->packet;
	uint32_t before = packet->mark;
	packet->untracked |= step->sense->untracks;
	if (step->sense->marks)
		packet->mark = (packet->mark & step->sense->keep) ^ step->sense->flip;
	walk->result.untracked = packet->untracked;
	if (((before ^ packet->mark) & walk->ours->mark) != 0 || step->sense->untracks) {
		walk->result.marks = step->rule;
		walk->result.marks_chain = step->chain;
	}
}

static enum leave walk_chain(struct walk *walk, const struct ruleset_chain *chain, int depth,
			     enum rule_truth sure)
{
	struct rule_sense sense;
	struct trace_step step = {.chain = chain, .sense = &sense, .base = walk->base};
	for (step.rule = ruleset_first(walk->ruleset, chain); step.rule != NULL;
	     step.rule = ruleset_next(walk->ruleset, step.rule)) {
		bool returns = false;
		rule_read(&sense, chain, step.rule->text, &walk->packet, walk->ours);
		if (sense.match == RULE_NO)
			continue;
		enum rule_truth both = sense.match < sure ? sense.match : sure;
		step.certain = is_certain(&sense, both);
		if (walk->watch != NULL)
			walk->watch(walk->context, &step);
		if (both == RULE_YES)
			change(walk, &step);
		if (!leads(&sense) && (!step.certain || walk->packet.undecided))
			continue;
		enum leave leave = obey(walk, &step, depth, both, &returns);
		if (leave != AT_ITS_END) {
			choose(walk, &step);
			return leave;
		}
		if (returns && !walk->packet.undecided)
			break;
	}
	return AT_ITS_END;
}

/* Its base chains, in order: of the earlier hook, then of the lower priority. */
static uint32_t bases(const struct walk *walk, const struct ruleset_chain *list[static MOST_BASES])
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < walk->ruleset->n_chains && n < MOST_BASES; i++) {
		const struct ruleset_chain *chain = &walk->ruleset->chains[i];
		if (chain->hook == RULESET_NO_HOOK || (chain->families & walk->packet.family) == 0)
			continue;
		uint32_t at = n++;
		for (; at > 0 && (list[at - 1]->hook > chain->hook ||
				  (list[at - 1]->hook == chain->hook &&
				   list[at - 1]->priority > chain->priority));
		     at--)
			list[at] = list[at - 1];
		list[at] = chain;
	}
	return n;
}

struct trace_result trace_packet(const struct ruleset *ruleset, const struct rule_packet *packet,
				 const struct config *ours,
				 void (*watch)(void *context, const struct trace_step *step),
				 void *context)
{
	const struct ruleset_chain *list[MOST_BASES];
	uint16_t entered[RULESET_CHAINS] = {0};
	struct walk walk = {.ruleset = ruleset,
			    .packet = *packet,
			    .ours = ours,
			    .watch = watch,
			    .context = context,
			    .entered = entered};
	uint32_t n = bases(&walk, list);
	if (packet->outward == NULL)
		walk.packet.outward = ruleset->outward;
	walk.packet.ruleset = ruleset;
	for (uint32_t i = 0; i < n; i++) {
		walk.base = list[i];
		enum leave leave = walk_chain(&walk, list[i], 0, RULE_YES);
		if (leave == AT_ITS_END)
			leave = decide(&walk, list[i]->drops ? TRACE_DROPPED : TRACE_ACCEPTED,
				       list[i], NULL);
		if (leave == DECIDED)
			break;
	}
	if (walk.result.chooses == NULL)
		walk.result.chooses = walk.result.rule;
	return walk.result;
}
