/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rule.h"
#include "quote.h"
#include "rule_iptables.h"
#include "rule_nft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "network.h"

void rule_read(struct rule_sense *sense, const struct ruleset_chain *chain, const char *text,
	       const struct rule_packet *packet, const struct config *ours)
{
	*sense = (struct rule_sense){.match = RULE_YES, .group = -1};
	if (chain->maker == RULESET_NFT)
		rule_nft(sense, chain, text, packet, ours);
	else
		rule_iptables(sense, text, packet, ours);
	if (packet->without_ours && rule_is_our_jump(sense))
		sense->match = RULE_NO;
}

/* Of iptables, of iptables with ipset, of nftables. */
bool rule_is_fail2ban(const char *name)
{
	static const char *const starts[] = {"f2b-", "fail2ban-", "addr-set-", "addr6-set-"};
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

bool rule_is_for_few(const struct rule_sense *sense)
{
	return sense->has_source && sense->match <= RULE_MAYBE;
}

bool rule_is_ban(const struct rule_sense *sense)
{
	if (sense->verdict == RULE_JUMP)
		return sense->asks_fail2ban || rule_is_fail2ban(sense->target);
	return sense->asks_fail2ban &&
	       (sense->verdict == RULE_DROP || sense->verdict == RULE_REJECT);
}

bool rule_is_our_chain(const char *name)
{
	return strcmp(name, RULE_CHAIN) == 0 || strcmp(name, RULE_NFT_CHAIN) == 0;
}

bool rule_is_knock_chain(const char *name)
{
	return strcmp(name, RULE_KNOCK) == 0 || strcmp(name, RULE_CALM) == 0 ||
	       strcmp(name, RULE_NFT_KNOCK) == 0;
}

bool rule_is_our_jump(const struct rule_sense *sense)
{
	return (sense->verdict == RULE_JUMP || sense->verdict == RULE_GOTO) &&
	       rule_is_our_chain(sense->target);
}

bool rule_string(const char *text, bool nft)
{
	return quote_end(text + strspn(text, " \t"), nft) != NULL;
}

static void add_letter(char word[static RULE_WORD], size_t *used, char letter)
{
	if (*used < RULE_WORD - 1)
		word[(*used)++] = letter;
}

bool rule_word(char word[static RULE_WORD], const char **text, bool nft)
{
	const char *begin = *text + strspn(*text, " \t"), *at = begin;
	const char *end = quote_end(at, nft);
	size_t used = 0;
	if (end != NULL) {
		for (at++; at < end - 1; at++) {
			at += !nft && *at == '\\';
			add_letter(word, &used, *at);
		}
		at = end;
	}
	for (; *at != '\0' && *at != ' ' && *at != '\t'; at++)
		add_letter(word, &used, *at);
	word[used] = '\0';
	*text = at;
	return at != begin;
}

bool rule_has_word(const char *text, const char *wanted, bool nft)
{
	char word[RULE_WORD];
	bool string = rule_string(text, nft), found = false;
	while (!found && rule_word(word, &text, nft)) {
		found = !string && strcmp(word, wanted) == 0;
		string = rule_string(text, nft);
	}
	return found;
}

void rule_and(struct rule_sense *sense, enum rule_truth truth)
{
	if (truth < sense->match)
		sense->match = truth;
}

/* Who is none of a few is anybody. */
enum rule_truth rule_not(enum rule_truth truth, bool negated)
{
	static const enum rule_truth opposite[] = {RULE_YES, RULE_YES, RULE_PARTLY, RULE_PARTLY,
						   RULE_NO};
	return negated ? opposite[truth] : truth;
}

enum rule_truth rule_known(bool truth)
{
	return truth ? RULE_YES : RULE_NO;
}

enum rule_truth rule_proto(const char *word, const struct rule_packet *packet)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} names[] = {{"tcp", DOOR_TCP}, {"udp", DOOR_UDP}, {"sctp", DOOR_SCTP}};
	char *end;
	unsigned long number = strtoul(word, &end, 10);
	if (strcmp(word, "all") == 0 || strcmp(word, "0") == 0)
		return RULE_YES;
	if (end != word && *end == '\0')
		return rule_known(number == packet->proto);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(word, names[i].name) == 0)
			return rule_known(names[i].proto == packet->proto);
	return RULE_NO; /* icmp, esp and so on */
}

enum rule_truth rule_first_port(const char *word, const struct rule_packet *packet)
{
	char *end;
	unsigned long first = strtoul(word, &end, 10), last = first;
	if (end == word)
		return RULE_MAYBE;
	if (*end == ':' || *end == '-')
		last = end[1] == '\0' ? UINT16_MAX : strtoul(end + 1, &end, 10);
	return rule_known(packet->port >= first && packet->port <= last);
}

/* Of one that is forwarded, the port that it goes to may be any. */
enum rule_truth rule_port(const char *word, const struct rule_packet *packet)
{
	return packet->forwarded ? RULE_MAYBE : rule_first_port(word, packet);
}

enum rule_truth rule_from(const char *word)
{
	return strcmp(word, "0.0.0.0/0") == 0 || strcmp(word, "::/0") == 0 ? RULE_YES : RULE_FEW;
}

enum rule_truth rule_from_type(const char *word)
{
	return rule_known(strcasecmp(word, "unicast") == 0);
}

static bool is_named(const char *name, const char *word)
{
	size_t length = strlen(word);
	bool any = length > 0 && (word[length - 1] == '+' || word[length - 1] == '*');
	return any ? strncmp(name, word, length - 1) == 0 : strcmp(name, word) == 0;
}

static enum rule_truth some(uint32_t of, uint32_t match)
{
	return of == 0                   ? RULE_MAYBE
	       : match > 0 && match < of ? RULE_PARTLY
					 : rule_known(match == of);
}

enum rule_truth rule_interface(const char *word, const struct rule_packet *packet)
{
	uint32_t n = packet->outward == NULL ? 0 : packet->outward->count, named = 0;
	if (strcmp(word, "lo") == 0)
		return RULE_NO;
	for (uint32_t i = 0; i < n; i++)
		named += is_named(packet->outward->names[i], word);
	return some(n, named);
}

enum rule_truth rule_to(const char *word, const struct rule_packet *packet)
{
	const struct outward *outward = packet->outward;
	struct network network;
	uint32_t of = 0, within = 0;
	if (outward == NULL || network_parse(&network, word, NULL) != 0)
		return RULE_MAYBE;
	for (uint32_t i = 0; i < outward->n_addresses; i++) {
		bool v4 = address_is_v4(&outward->addresses[i]);
		bool inside = network_contains(&network, &outward->addresses[i]);
		of += v4 == (packet->family == RULESET_V4);
		within += inside && v4 == (packet->family == RULESET_V4);
	}
	return some(of, within);
}

enum rule_truth rule_status(const char *word, const struct rule_packet *packet)
{
	return packet->forwarded ? rule_known(strcasecmp(word, "DNAT") == 0) : RULE_MAYBE;
}

/* iptables has it among the states, too. */
enum rule_truth rule_state(const char *word, const struct rule_packet *packet)
{
	if (strcasecmp(word, "DNAT") == 0)
		return rule_status(word, packet);
	const char *state = packet->untracked     ? "UNTRACKED"
			    : packet->established ? "ESTABLISHED"
						  : "NEW";
	return rule_known(strcasecmp(word, state) == 0);
}

void rule_marks(struct rule_sense *sense, uint32_t keep, uint32_t flip)
{
	sense->marks = true;
	sense->keep = keep;
	sense->flip = flip;
}

bool rule_is_our_set(const char *name, const struct config *ours, uint32_t backend)
{
	return ours->firewall == backend &&
	       (strcmp(name, ours->set4) == 0 || strcmp(name, ours->set6) == 0);
}
