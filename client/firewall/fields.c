/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum rule_truth test(struct reading *reading, const char *value);

/* What of the packet is compared: "tcp dport", or some, "ip saddr . meta l4proto . th dport". */
enum { FIELDS = 8 };
struct fields {
	test *tests[FIELDS];
	size_t n;
	bool source; /* one of them is who sends */
};

bool fields_next(struct reading *reading, char word[static RULE_WORD])
{
	return rule_word(word, &reading->rest, true);
}

/* Is this the next word? It is taken then. */
bool fields_take(struct reading *reading, const char *wanted)
{
	char word[RULE_WORD];
	const char *before = reading->rest;
	if (fields_next(reading, word) && strcmp(word, wanted) == 0)
		return true;
	reading->rest = before;
	return false;
}

/* ---- fields: does the packet have this value? */

static enum rule_truth is_interface(struct reading *reading, const char *value)
{
	return rule_interface(value, reading->packet);
}

static enum rule_truth is_proto(struct reading *reading, const char *value)
{
	return rule_proto(value, reading->packet);
}

static enum rule_truth is_port(struct reading *reading, const char *value)
{
	return rule_port(value, reading->packet);
}

static enum rule_truth is_first_port(struct reading *reading, const char *value)
{
	return rule_first_port(value, reading->packet);
}

static enum rule_truth is_state(struct reading *reading, const char *value)
{
	return rule_state(value, reading->packet);
}

static enum rule_truth is_family(struct reading *reading, const char *value)
{
	bool v4 = strcmp(value, "ipv4") == 0 || strcmp(value, "ip") == 0;
	return rule_known(v4 == (reading->packet->family == RULESET_V4));
}

static enum rule_truth is_source(struct reading *reading, const char *value)
{
	(void)reading;
	return rule_from(value);
}

static enum rule_truth is_source_type(struct reading *reading, const char *value)
{
	(void)reading;
	return rule_from_type(value);
}

static enum rule_truth is_destination(struct reading *reading, const char *value)
{
	return rule_to(value, reading->packet);
}

/* It comes to an address of ours, and to no other's. */
static enum rule_truth is_local(struct reading *reading, const char *value)
{
	(void)reading;
	return rule_known(strcmp(value, "local") == 0);
}

static enum rule_truth is_direction(struct reading *reading, const char *value)
{
	(void)reading;
	return rule_known(strcmp(value, "original") == 0);
}

static enum rule_truth is_status(struct reading *reading, const char *value)
{
	return rule_status(value, reading->packet);
}

static enum rule_truth is_to_us(struct reading *reading, const char *value)
{
	(void)reading;
	return rule_known(strcmp(value, "host") == 0 || strcmp(value, "unicast") == 0);
}

static enum rule_truth is_outgoing(struct reading *reading, const char *value)
{
	(void)value;
	return reading->packet->forwarded ? RULE_MAYBE : RULE_NO;
}

/* Of a few alone. */
static enum rule_truth is_unsure(struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return RULE_MAYBE;
}

static enum rule_truth is_unknown(struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return RULE_PARTLY;
}

static const struct {
	const char *key;
	test *test;
} metas[] = {
    {"l4proto", is_proto},  {"nfproto", is_family},    {"protocol", is_family},
    {"iif", is_interface},  {"iifname", is_interface}, {"pkttype", is_to_us},
    {"oif", is_outgoing},   {"oifname", is_outgoing},  {"iifgroup", is_unsure},
    {"iifkind", is_unsure}, {"iiftype", is_unsure},    {"ibrname", is_unsure},
    {"secpath", is_unsure}, {"ipsec", is_unsure},
};

/* Null: it is none of these. */
static test *meta_field(const char *key)
{
	for (size_t i = 0; i < sizeof metas / sizeof *metas; i++)
		if (strcmp(key, metas[i].key) == 0)
			return metas[i].test;
	return NULL;
}

static test *port_field(struct reading *reading, test *which)
{
	reading->sense->names_port = true;
	return which;
}

/* "ct state", "ct original ip saddr", "ct original proto-dst" */
static test *ct_field(struct reading *reading, struct fields *fields)
{
	char word[RULE_WORD] = "";
	fields_next(reading, word);
	bool original = strcmp(word, "original") == 0;
	if (original || strcmp(word, "reply") == 0) {
		if (!fields_take(reading, "ip"))
			fields_take(reading, "ip6");
		fields_next(reading, word);
		fields->source |= original && strcmp(word, "saddr") == 0;
		if (original && strcmp(word, "proto-dst") == 0)
			return port_field(reading, is_first_port);
		return original && strcmp(word, "saddr") == 0 ? is_source : is_unknown;
	}
	return strcmp(word, "state") == 0       ? is_state
	       : strcmp(word, "direction") == 0 ? is_direction
	       : strcmp(word, "status") == 0    ? is_status
						: is_unknown;
}

/* "ip saddr", "ip6 nexthdr" */
static test *ip_field(struct reading *reading, struct fields *fields, uint8_t family)
{
	char word[RULE_WORD] = "";
	rule_and(reading->sense, rule_known(reading->packet->family == family));
	fields_next(reading, word);
	bool source = strcmp(word, "saddr") == 0;
	fields->source |= source;
	return source                                                          ? is_source
	       : strcmp(word, "daddr") == 0                                    ? is_destination
	       : strcmp(word, "protocol") == 0 || strcmp(word, "nexthdr") == 0 ? is_proto
									       : is_unknown;
}

/* "udp udp dport", as rules of iptables-nft read */
bool fields_is_transport(const char *word)
{
	return strcmp(word, "tcp") == 0 || strcmp(word, "udp") == 0 || strcmp(word, "sctp") == 0 ||
	       strcmp(word, "th") == 0;
}

void fields_transport(struct reading *reading, const char *proto)
{
	if (strcmp(proto, "th") != 0)
		rule_and(reading->sense, rule_proto(proto, reading->packet));
}

/* "th dport" */
static test *transport_field(struct reading *reading, const char *proto)
{
	char word[RULE_WORD] = "";
	fields_transport(reading, proto);
	fields_next(reading, word);
	return strcmp(word, "dport") == 0 ? port_field(reading, is_port) : is_unknown;
}

/* "fib daddr . iif type", "fib saddr . iif oif" */
static test *fib_field(struct reading *reading)
{
	char word[RULE_WORD] = "";
	fields_next(reading, word);
	bool to = strcmp(word, "daddr") == 0, from = strcmp(word, "saddr") == 0;
	while (fields_take(reading, "."))
		fields_next(reading, word);
	bool type = fields_take(reading, "type");
	if (!type)
		fields_next(reading, word); /* "oif", "oifname" */
	return type && to ? is_local : type && from ? is_source_type : is_unknown;
}

/* The field that begins with this word; null: none does, it is a statement. */
static test *read_field(struct reading *reading, struct fields *fields, const char *word)
{
	char key[RULE_WORD] = "";
	if (strcmp(word, "ct") == 0)
		return ct_field(reading, fields);
	if (strcmp(word, "ip") == 0 || strcmp(word, "ip6") == 0)
		return ip_field(reading, fields, word[2] == '6' ? RULESET_V6 : RULESET_V4);
	if (fields_is_transport(word))
		return transport_field(reading, word);
	if (strcmp(word, "fib") == 0)
		return fib_field(reading);
	if (strcmp(word, "ether") == 0 && fields_next(reading, key))
		return is_unsure;
	if (strcmp(word, "meta") != 0)
		return meta_field(word);
	fields_next(reading, key);
	test *found = meta_field(key);
	return found != NULL ? found : is_unknown;
}

void fields_decide(struct rule_sense *sense, enum rule_verdict verdict, const char *target)
{
	sense->verdict = verdict;
	snprintf(sense->target, sizeof sense->target, "%.*s", RULE_TARGET - 1, target);
}

/* "accept", "jump x"; with a comma after it, in a map. True: these words are a verdict. */
bool fields_verdict(struct reading *reading, const char *word)
{
	static const struct {
		const char *name;
		enum rule_verdict verdict;
	} names[] = {{"accept", RULE_ACCEPT}, {"drop", RULE_DROP},     {"reject", RULE_REJECT},
		     {"return", RULE_RETURN}, {"queue", RULE_UNKNOWN}, {"jump", RULE_JUMP},
		     {"goto", RULE_GOTO}};
	char target[RULE_WORD] = "";
	size_t length = strcspn(word, ",");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strncmp(word, names[i].name, length) != 0 || names[i].name[length] != '\0')
			continue;
		if (names[i].verdict == RULE_JUMP || names[i].verdict == RULE_GOTO)
			fields_next(reading, target);
		target[strcspn(target, ",")] = '\0';
		fields_decide(reading->sense, names[i].verdict, target);
		return true;
	}
	return false;
}

/* ---- sets and maps */

/* "22", "established,related", with a comma at its end: is one of these the packet's? */
static enum rule_truth is_any(struct reading *reading, test *one, char *values)
{
	enum rule_truth found = RULE_NO;
	char *item;
	while ((item = strsep(&values, ",")) != NULL) {
		enum rule_truth truth = *item == '\0' ? RULE_NO : one(reading, item);
		found = truth > found ? truth : found;
	}
	return found;
}

static enum rule_truth least(enum rule_truth a, enum rule_truth b)
{
	return a < b ? a : b;
}

/* One of a set, or of a map, whose verdict becomes the sense's: "tcp . 22 counter packets 1 bytes 60 : accept,". The
 * truth of its key; false: there are no more. */
static bool read_element(struct reading *reading, const struct fields *fields,
			 enum rule_truth *truth)
{
	enum { KEY, REST, VALUE, END } what = KEY;
	char word[RULE_WORD];
	size_t at = 0;
	*truth = RULE_YES;
	for (const char *before = reading->rest; fields_next(reading, word);
	     before = reading->rest) {
		bool string = rule_string(before, true);
		if (!string && strcmp(word, "}") == 0) {
			reading->rest = before;
			break;
		}
		if (what == KEY) {
			test *one = at < fields->n ? fields->tests[at++] : is_unknown;
			*truth = least(*truth, is_any(reading, one, word));
			what = REST;
		} else if (what == VALUE) {
			fields_verdict(reading, word);
			what = END;
		} else if (what == REST && !string && strcmp(word, ".") == 0) {
			what = KEY;
		} else if (what == REST && !string && strcmp(word, ":") == 0) {
			what = VALUE;
		}
		if (reading->rest[-1] == ',')
			break;
	}
	return at > 0;
}

/* All up to "}": of those that fit best, the verdict of one, which lets in rather than not. */
static enum rule_truth read_elements(struct reading *reading, const struct fields *fields)
{
	struct rule_sense *sense = reading->sense, best = *sense;
	enum rule_truth found = RULE_NO, truth;
	while (read_element(reading, fields, &truth)) {
		bool rather = truth == found && truth != RULE_NO && sense->verdict == RULE_ACCEPT;
		if (truth > found || rather) {
			found = truth;
			best = *sense;
		}
		*sense = best;
	}
	fields_take(reading, "}");
	return found;
}

/* Those of a set, or a map, that has a name, as far as they are known. */
static enum rule_truth find_in_set(struct reading *reading, const struct fields *fields,
				   const char *name)
{
	const struct rule_packet *packet = reading->packet;
	const struct ruleset_chain *set =
	    packet->ruleset == NULL ? NULL
				    : ruleset_find(packet->ruleset, RULESET_NFT, packet->family,
						   reading->chain->table, name);
	const char *rest = reading->rest;
	if (set == NULL || set->elements == NULL)
		return RULE_MAYBE;
	reading->rest = set->elements;
	enum rule_truth found =
	    fields_take(reading, "{") ? read_elements(reading, fields) : RULE_MAYBE;
	reading->rest = rest;
	return found == RULE_FEW ? RULE_MAYBE : found; /* as many as it may have got by now */
}

/* "@postern4" */
static enum rule_truth is_in_set(struct reading *reading, const struct fields *fields,
				 const char *name, bool negated)
{
	struct rule_sense *sense = reading->sense;
	if (rule_is_our_set(name + 1, reading->ours, CONFIG_NFT)) {
		sense->has_set = true;
		return rule_known(fields->n > 1 && reading->packet->granted);
	}
	sense->asks_fail2ban |= fields->source && !negated && rule_is_fail2ban(name + 1);
	return find_in_set(reading, fields, name);
}

/* "value", "!= value", "a . b", "{ a, b }", "a,b", "@set", "& mask == value" */
static enum rule_truth compare(struct reading *reading, const struct fields *fields)
{
	enum rule_truth found = RULE_YES;
	char word[RULE_WORD];
	if (fields_take(reading, "&"))
		fields_next(reading, word);
	bool negated = fields_take(reading, "!=");
	fields_take(reading, "==");
	if (fields_take(reading, "{"))
		found = read_elements(reading, fields);
	else
		for (size_t i = 0; i < fields->n && (i == 0 || fields_take(reading, ".")); i++) {
			if (!fields_next(reading, word))
				break;
			found = i == 0 && word[0] == '@'
				    ? is_in_set(reading, fields, word, negated)
				    : least(found, is_any(reading, fields->tests[i], word));
		}
	if (fields->source)
		reading->sense->has_source = found != RULE_YES;
	return rule_not(found, negated);
}

/* "ct state vmap { established : accept, ... }": the element that the packet has. What is not known of may do
 * anything. */
static void read_map(struct reading *reading, const struct fields *fields)
{
	char word[RULE_WORD] = "";
	enum rule_truth found;
	if (fields_take(reading, "{")) {
		found = read_elements(reading, fields);
	} else {
		fields_next(reading, word);
		reading->sense->verdict = RULE_UNKNOWN;
		found = find_in_set(reading, fields, word);
	}
	reading->sense->has_source |= fields->source && found != RULE_YES;
	rule_and(reading->sense, found);
}

/* From its first field on. */
static void read_test(struct reading *reading, struct fields *fields, test *first)
{
	char word[RULE_WORD];
	fields->tests[fields->n++] = first;
	while (fields->n < FIELDS && fields_take(reading, ".") && fields_next(reading, word)) {
		test *more = read_field(reading, fields, word);
		fields->tests[fields->n++] = more == NULL ? is_unknown : more;
	}
	if (fields_take(reading, "set")) /* a statement: of the packet nothing is asked */
		fields_next(reading, word);
	else if (fields_take(reading, "vmap") || fields_take(reading, "map"))
		read_map(reading, fields);
	else
		rule_and(reading->sense, compare(reading, fields));
}

bool fields_read(struct reading *reading, const char *word)
{
	struct fields fields = {.n = 0};
	test *first = read_field(reading, &fields, word);
	if (first != NULL)
		read_test(reading, &fields, first);
	return first != NULL;
}
