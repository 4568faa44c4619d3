/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "effect.h"

#include <stdio.h>
#include <string.h>

#include "sequence.h"

/* What was seen on the way. */
struct seen {
	const struct config *config;
	bool logged;    /* to one of the daemon's groups, maybe up to a rate; or as text */
	bool cut_short; /* as text, up to a rate that takes no sequence whole */
	const struct ruleset_rule *by_source; /* that lets it in by who it comes from; or null */
	uint32_t bans;
};

static bool is_our_group(const struct config *config, int32_t group)
{
	for (uint32_t i = 0; i < config->n_sources; i++)
		for (uint32_t j = 0; j < config->sources[i].n_groups; j++)
			if (config->sources[i].kind == SOURCE_NFLOG &&
			    (int32_t)config->sources[i].groups[j] == group)
				return true;
	return false;
}

/* An address of manuals (RFC 5737, RFC 3849), which somebody has copied: nobody comes from there. */
static bool is_example(const struct trace_step *step)
{
	static const char *const networks[] = {"192.0.2.", "198.51.100.", "203.0.113.",
					       "2001:db8:"};
	bool nft = step->chain->maker == RULESET_NFT, found = false;
	const char *text = step->rule->text;
	char word[RULE_WORD];
	for (bool string = rule_string(text, nft); rule_word(word, &text, nft);
	     string = rule_string(text, nft))
		for (size_t i = 0; i < sizeof networks / sizeof *networks && !string; i++)
			found |= strncmp(word, networks[i], strlen(networks[i])) == 0;
	return found;
}

/* Its packets come all at once. */
static bool takes_sequence(const struct config *config, const struct rule_sense *sense)
{
	return sense->burst == 0 || sense->burst >= sequence_positions(&config->sequence);
}

static void watch(void *context, const struct trace_step *step)
{
	struct seen *seen = context;
	seen->logged |= is_our_group(seen->config, step->sense->group);
	if (rules_log_text(seen->config) && step->sense->logs && step->sense->group < 0) {
		bool whole = takes_sequence(seen->config, step->sense);
		seen->logged |= whole;
		seen->cut_short |= !whole;
	}
	if (seen->by_source == NULL && step->sense->verdict == RULE_ACCEPT &&
	    rule_is_for_few(step->sense) && !is_example(step))
		seen->by_source = step->rule;
	seen->bans += rule_is_ban(step->sense);
}

static struct trace_result send(const struct look *look, const struct config *config,
				const struct rule_packet *packet, struct seen *seen)
{
	*seen = (struct seen){.config = config};
	return trace_packet(&look->ruleset, packet, config, watch, seen);
}

static const char *end_of(const struct trace_result *result)
{
	return result->end == TRACE_ACCEPTED   ? "accepted"
	       : result->end == TRACE_REJECTED ? "rejected"
					       : "dropped";
}

/* "udp/53 over IPv4 ... (iptables-legacy: -t filter -A INPUT -j DROP)" */
static bool tell(struct effect *effect, const struct rule_packet *packet, const char *what,
		 const struct trace_result *result)
{
	char rule[LOOK_RULE] = "by no rule", door[DOOR_TEXT];
	const struct door port = {.proto = packet->proto, .port = packet->port};
	if (result->marks != NULL)
		look_tell(rule, result->marks_chain, result->marks);
	else if (result->chain != NULL)
		look_tell(rule, result->chain, result->rule);
	door_print(door, &port);
	effect->by = *result;
	snprintf(effect->text, sizeof effect->text, "%s %s over IPv%d: %s%s (%s)", what, door,
		 packet->family == RULESET_V4 ? 4 : 6, end_of(result),
		 result->marks == NULL ? ""
		 : result->untracked   ? ", as it is not tracked"
				       : " by the mark",
		 rule);
	return true;
}

/* ---- knocks */

/* What reads the wire sees knocks without any rule. */
static bool reads_wire(const struct config *config)
{
	for (uint32_t i = 0; i < config->n_sources; i++)
		if (config->sources[i].kind != SOURCE_NFLOG &&
		    config->sources[i].kind != SOURCE_LOG)
			return true;
	return false;
}

static bool knock_wrong(struct effect *effect, const struct look *look, const struct config *config,
			const struct rule_packet *packet)
{
	struct seen seen;
	struct trace_result result = send(look, config, packet, &seen);
	return !seen.logged &&
	       tell(effect, packet,
		    seen.cut_short
			? "the rule that logs has a limit that lets no sequence through, to"
			: "a knock is not logged, to",
		    &result);
}

static bool knocks_wrong(struct effect *effect, const struct look *look,
			 const struct config *config, uint8_t family)
{
	const struct portset *sets[] = {&config->spa, &config->sequence, &config->sequence};
	static const uint8_t protos[] = {DOOR_UDP, DOOR_UDP, DOOR_TCP};
	for (size_t i = 0; i < 3; i++)
		for (uint32_t j = 0; j < sets[i]->n_ranges; j++) {
			struct rule_packet packet = {
			    .family = family, .proto = protos[i], .port = sets[i]->ranges[j].first};
			if (knock_wrong(effect, look, config, &packet))
				return true;
			packet.port = sets[i]->ranges[j].last;
			if (knock_wrong(effect, look, config, &packet))
				return true;
		}
	return false;
}

static void watch_group(void *context, const struct trace_step *step)
{
	int32_t *wanted = context;
	if (step->sense->group == *wanted)
		*wanted = -2;
}

bool effect_logs_to(const struct look *look, const struct config *config, uint32_t group,
		    uint8_t family)
{
	const struct portset *set = config->spa.count > 0 ? &config->spa : &config->sequence;
	int32_t wanted = (int32_t)group;
	struct rule_packet packet = {.family = family, .proto = DOOR_UDP};
	if (set->n_ranges == 0)
		return true;
	packet.port = set->ranges[0].first;
	trace_packet(&look->ruleset, &packet, config, watch_group, &wanted);
	return wanted == -2;
}

/* ---- doors */

/* All rules that ask fail2ban about this packet, wherever they stand on its way. */
static uint32_t count_bans(const struct look *look, const struct config *config,
			   struct rule_packet packet)
{
	struct seen seen;
	packet.undecided = true;
	send(look, config, &packet, &seen);
	return seen.bans;
}

/* Postern's own chain keeps it out. */
static bool is_left(const struct trace_result *result)
{
	return result->end != TRACE_ACCEPTED && result->chain != NULL &&
	       strcmp(result->chain->name,
		      result->chain->maker == RULESET_NFT ? RULE_NFT_CHAIN : RULE_CHAIN) == 0;
}

static bool door_wrong(struct effect *effect, const struct look *look, const struct config *config,
		       struct rule_packet *packet)
{
	struct seen seen;
	packet->granted = effect->kind == EFFECT_GRANT || effect->kind == EFFECT_BANS;
	packet->established = effect->kind == EFFECT_SESSION;
	struct trace_result result = send(look, config, packet, &seen);
	bool accepted = result.end == TRACE_ACCEPTED;
	if (effect->kind == EFFECT_GRANT)
		return !accepted && tell(effect, packet, "a grant opens nothing, at", &result);
	if (effect->kind == EFFECT_STRANGER)
		return accepted && tell(effect, packet, "open to everybody is", &result);
	if (effect->kind == EFFECT_LEFT)
		return is_left(&result) &&
		       tell(effect, packet,
			    "nobody gets in, for with `firewall none' nothing opens what rules of "
			    "Postern's for another backend still shut, at",
			    &result);
	if (effect->kind == EFFECT_SESSION)
		return !accepted &&
		       tell(effect, packet, "sessions end with their grant, at", &result);
	return accepted && seen.bans < count_bans(look, config, *packet) &&
	       tell(effect, packet, "fail2ban is not asked about who has knocked, at", &result);
}

struct later {
	const struct rules_place *place;
	const struct ruleset_chain *base; /* of the place's chain, once that has been come to */
	bool after;
	const struct ruleset_rule *ban;
};

/* Where the chain of the place is none of the base, it is left for that again. */
static void watch_later(void *context, const struct trace_step *step)
{
	struct later *later = context;
	uint32_t number = later->place->number;
	if (step->chain == later->place->chain) {
		later->base = step->base;
		later->after = number != 0 && step->rule->number >= number;
	} else if (step->chain == later->base) {
		later->after = true;
	}
	if (later->ban == NULL && later->after && step->base == later->base &&
	    rule_is_ban(step->sense))
		later->ban = step->rule;
}

const struct ruleset_rule *effect_bans_later(const struct look *look, const struct config *config,
					     const struct rules_place *place, uint8_t family)
{
	struct later later = {.place = place};
	for (uint32_t i = 0; i < config->n_doors; i++) {
		struct rule_packet packet = {.family = family,
					     .proto = config->doors[i].proto,
					     .port = config->doors[i].port,
					     .without_ours = true,
					     .undecided = true};
		later.base = NULL;
		later.after = false;
		trace_packet(&look->ruleset, &packet, config, watch_later, &later);
	}
	return later.ban;
}

static bool doors_wrong(struct effect *effect, const struct look *look, const struct config *config,
			uint8_t family)
{
	bool none = config->firewall == CONFIG_NONE;
	for (uint32_t i = 0; i < config->n_doors && none == (effect->kind == EFFECT_LEFT); i++) {
		struct rule_packet packet = {.family = family,
					     .proto = config->doors[i].proto,
					     .port = config->doors[i].port};
		if (door_wrong(effect, look, config, &packet))
			return true;
	}
	return false;
}

bool effect_wrong_over(struct effect *effect, enum effect_kind kind, const struct look *look,
		       const struct config *config, uint8_t family)
{
	*effect = (struct effect){.kind = kind};
	return kind == EFFECT_KNOCK
		   ? !reads_wire(config) && knocks_wrong(effect, look, config, family)
		   : doors_wrong(effect, look, config, family);
}

bool effect_wrong(struct effect *effect, enum effect_kind kind, const struct look *look,
		  const struct config *config)
{
	uint8_t families[2];
	size_t n = look_families(families);
	bool wrong = false;
	for (size_t i = 0; i < n && !wrong; i++)
		wrong = effect_wrong_over(effect, kind, look, config, families[i]);
	return wrong;
}

bool effect_works(const struct look *look, const struct config *config)
{
	struct effect unwanted;
	return config->firewall != CONFIG_NONE &&
	       !effect_wrong(&unwanted, EFFECT_STRANGER, look, config) &&
	       !effect_wrong(&unwanted, EFFECT_GRANT, look, config);
}

const struct ruleset_rule *effect_second_way(const struct look *look, const struct config *config,
					     uint8_t family)
{
	struct seen seen = {.by_source = NULL};
	for (uint32_t i = 0; i < config->n_doors && seen.by_source == NULL; i++) {
		struct rule_packet packet = {.family = family,
					     .proto = config->doors[i].proto,
					     .port = config->doors[i].port};
		send(look, config, &packet, &seen);
	}
	return seen.by_source;
}
