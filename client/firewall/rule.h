/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule of the host says to one packet: does it match, and what happens then? Of what a rule asks, not
 * all is known of the packet (where it comes from, how many there were): it matches in part, or may.
 */
#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "ruleset.h"

/* A packet that comes in, from a stranger. */
struct rule_packet {
	uint8_t family; /* RULESET_V4 or RULESET_V6 */
	uint8_t proto;  /* DOOR_TCP ... */
	uint16_t port;
	bool established;  /* of a connection that has begun; else the first of one */
	bool granted;      /* by a grant, as long as the rules hold Postern's part */
	bool without_ours; /* as if there were no jump to the chain of `posternctl firewall` */
	bool undecided;    /* as if no rule decided: it comes to all that there are for it */
	bool forwarded;    /* sent on to another host: the port is the one that it came to */
	bool untracked;    /* by the raw table: no state of a connection is its */
	uint32_t mark;
	/* It comes by one of these; null, or none: by no interface in particular (but not lo). */
	const struct outward *outward;
	const struct ruleset *ruleset; /* whose sets rules name; null: these are not known */
};

/* The chain of `posternctl firewall`, and those that knocks go to from there; in iptables, in nft. */
#define RULE_CHAIN     "POSTERN-IN"
#define RULE_KNOCK     "POSTERN-KNOCK"
#define RULE_CALM      "POSTERN-CALM"
#define RULE_NFT_CHAIN "postern_in"
#define RULE_NFT_KNOCK "postern_knock"
/* The comment of rules that could be somebody else's. */
#define RULE_MARK "postern"

enum rule_truth {
	RULE_NO,
	RULE_FEW, /* of a few addresses that it names, and a stranger has none of them */
	RULE_MAYBE, /* of some alone, and a stranger is hardly one of them: by a list, by what is not known */
	RULE_PARTLY, /* a stranger's may be one: the first, up to a rate; those to one of our addresses; whatever is not
			known */
	RULE_YES
};

enum rule_verdict {
	RULE_GOES_ON, /* a log, a counter, nothing */
	RULE_ACCEPT,
	RULE_DROP,
	RULE_REJECT,
	RULE_JUMP,
	RULE_GOTO,
	RULE_RETURN,
	RULE_UNKNOWN /* a target that may end it: QUEUE, a map */
};

enum { RULE_TARGET = 64 };

struct rule_sense {
	enum rule_truth match;
	enum rule_verdict verdict;
	char target[RULE_TARGET]; /* of JUMP and GOTO: the chain */
	int32_t group;            /* NFLOG's, or -1 */
	bool logs;                /* by NFLOG, LOG or nft's log */
	bool has_source;          /* it asks who sends, or who does not */
	bool has_set;             /* it asks a set of Postern's */
	bool names_port;          /* it asks for the port */
	bool asks_fail2ban;       /* a set of its, about who sends */
	bool untracks;            /* it makes the packet one */
	bool marks;               /* it sets the packet's mark: to (mark & keep) ^ flip */
	uint32_t keep, flip;
	uint16_t to_port; /* of a REDIRECT; 0: none that is known */
	uint32_t burst;   /* how many packets it matches at once; 0: all */
};

/* As the configuration has them: Postern's mark, sets and chain. */
void rule_read(struct rule_sense *sense, const struct ruleset_chain *chain, const char *text,
	       const struct rule_packet *packet, const struct config *ours);

/* Does it match by who sends, and so no stranger's? */
bool rule_is_for_few(const struct rule_sense *sense);

/* Is it of fail2ban's: does it keep out whom that has banned? */
bool rule_is_ban(const struct rule_sense *sense);

/* To the chain of `posternctl firewall`. */
bool rule_is_our_jump(const struct rule_sense *sense);
/* Is it that chain; or one for knocks? */
bool rule_is_our_chain(const char *name);
bool rule_is_knock_chain(const char *name);

/* What both languages are made of (rule_iptables, rule_nft). The next word of a rule, or a string as its
 * contents; false: no more. */
enum { RULE_WORD = 1024 };
bool rule_word(char word[static RULE_WORD], const char **text, bool nft);
/* Is that word a string? */
bool rule_string(const char *text, bool nft);
/* Is there such a word, and no string? */
bool rule_has_word(const char *text, const char *wanted, bool nft);
void rule_and(struct rule_sense *sense, enum rule_truth truth);
enum rule_truth rule_not(enum rule_truth truth, bool negated);
enum rule_truth rule_known(bool truth);
/* "tcp", "6", "all": is it the packet's? */
enum rule_truth rule_proto(const char *word, const struct rule_packet *packet);
/* "22", "1:5", "1-5"; a service's name may be any. */
enum rule_truth rule_port(const char *word, const struct rule_packet *packet);
/* Of a packet that is forwarded, too. */
enum rule_truth rule_first_port(const char *word, const struct rule_packet *packet);
/* "203.0.113.5", "0.0.0.0/0": does it come from that? */
enum rule_truth rule_from(const char *word);
/* "UNICAST", "local": a stranger's is the first. */
enum rule_truth rule_from_type(const char *word);
/* "203.0.113.5", "203.0.113.0/24": does it come to that? */
enum rule_truth rule_to(const char *word, const struct rule_packet *packet);
/* "eth0", "eth+", "eth*" */
enum rule_truth rule_interface(const char *word, const struct rule_packet *packet);
/* "MARK --set-xmark 0x1/0xff": what it makes of the mark */
void rule_marks(struct rule_sense *sense, uint32_t keep, uint32_t flip);
/* "ESTABLISHED", "new", "UNTRACKED" */
enum rule_truth rule_state(const char *word, const struct rule_packet *packet);
/* "DNAT", "dnat" */
enum rule_truth rule_status(const char *word, const struct rule_packet *packet);
/* Of limits that name no burst. */
enum { RULE_BURST = 5 };
/* By the names that its actions give to chains and sets. */
bool rule_is_fail2ban(const char *name);
/* One of ipset's and one of nft's may have the same name: backend says of which it is. */
bool rule_is_our_set(const char *name, const struct config *ours, uint32_t backend);

#endif
