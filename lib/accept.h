/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this knock accepted, and if not, which step refuses it and why: the whole of doc/protocol.md's
 * "Accepting" as pure functions of the knock, the keys, the clock and the record. Nothing is read,
 * written or remembered here, so auth, `posternctl explain` and the tests all ask the same code.
 *
 * The order of things in auth: accept_judge (steps 1-5), accept_claim in memory, the claim made
 * durable (6), accept_permit (7), accept_policy (8), and only then an order to the firewall (9).
 */
#ifndef ACCEPT_H
#define ACCEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "keys.h"
#include "knock.h"

/* Every way a knock can end. name as in the log's reason=; step as numbered in the protocol (0: no
 * step of its own); what it tells a person. A table in doc/log.md says the same; a test holds the
 * two together. */
#define ACCEPT_REASONS(X)                                                                   \
	X(OK, "ok", 0, "accepted")                                                          \
	X(UNKNOWN, "unknown", 1, "no key has this id: noise, or made for another server")   \
	X(FORGED, "forged", 2, "the tag does not hold: not made with this key for this address") \
	X(MEMORY, "memory", 2, "there was no memory to look at the tag")                    \
	X(MALFORMED, "malformed", 3, "the request says what no request may say")            \
	X(SKEW, "skew", 4, "its time is outside the window of the server's clock")          \
	X(FLOOR, "floor", 4, "its time is before what the record can vouch for")            \
	X(REPLAY, "replay", 5, "its time was claimed already")                              \
	X(LATE, "late", 5, "claimed already, but the key has a grant at this address")      \
	X(DUPLICATE, "duplicate", 5, "the same knock from the same address again")          \
	X(STORE, "store", 6, "the claim could not be made durable")                         \
	X(EXPIRED, "expired", 7, "the key has expired")                                     \
	X(NETWORK, "network", 7, "the source is outside of the key's from=")                \
	X(UNBOUND, "unbound", 7, "no address is bound in, and the key does not say nat")    \
	X(BLOCKED, "blocked", 7, "the address is blocked")                                  \
	X(RATE, "rate", 7, "the key knocks faster than it may")                             \
	X(LIMIT, "limit", 8, "the key has as many living grants as it may")                 \
	X(POLICY, "policy", 8, "the key may not do what it asks for")                       \
	X(FIREWALL, "firewall", 9, "the firewall did not take the rule")

#define ACCEPT_ENUM(symbol, name, step, text) ACCEPT_##symbol,
enum accept_reason { ACCEPT_REASONS(ACCEPT_ENUM) ACCEPT_REASONS_COUNT };
#undef ACCEPT_ENUM

const char *accept_name(enum accept_reason reason); /* "replay" */
unsigned accept_step(enum accept_reason reason);
const char *accept_text(enum accept_reason reason);

enum { ACCEPT_WINDOW = 16 }; /* claims remembered a key */

/* What the record knows of one key: the greatest claimed times, descending, and the last step of
 * its rolling code. All zero = never knocked. */
struct claims {
	uint64_t times_ms[ACCEPT_WINDOW];
	uint32_t count; /* of times_ms, up to ACCEPT_WINDOW */
	uint32_t zero;
	uint64_t code_step;
};

/* What the record knows of itself. */
struct record_clock {
	uint64_t made_ms;   /* when the record was made, server clock */
	uint64_t old_floor_ms; /* floor of keys older than the record: made + window, or the last great
				* forward step of the clock + window; such keys alone are held to it */
	uint64_t newest_ms; /* the greatest server clock at an acceptance; the floor of every key
			     * while the clock stands behind it */
};

struct accept_clock {
	uint64_t now_ms;   /* server clock */
	uint32_t window_s; /* either way */
	struct record_clock record;
};

/* What a knock turned out to be. */
struct verdict {
	enum accept_reason reason;
	const struct key *key;  /* set from step 1 on; points into keys */
	struct request request; /* set from step 2 on */
	bool bound;             /* likewise */
	int64_t skew_ms;        /* its time less the server's, likewise */
};

/* The earliest time a knock of this key may carry; 0 = no floor. */
uint64_t accept_floor(const struct key *key, const struct accept_clock *clock);

/* Steps 1 to 5. claims_of gives what the record knows of a key (never null). Steps that fail at 5
 * give ACCEPT_REPLAY: whether that is a duplicate or late is for who has the grants to say. */
void accept_judge(struct verdict *verdict, const struct keys *keys, struct crypto_block *mask,
		  const uint8_t knock[static KNOCK_SIZE], const struct address *source,
		  const struct accept_clock *clock,
		  const struct claims *(*claims_of)(void *context, const struct key *key),
		  void *context);

/* Step 5's rule by itself, and its claim. The time of an accepted knock is put among the claims. */
bool accept_time_new(const struct claims *claims, uint64_t time_ms, bool bound);
void accept_claim(struct claims *claims, uint64_t time_ms);

/* Step 7, but for rate, which is counted where it is spent. */
enum accept_reason accept_permit(const struct key *key, bool bound, const struct address *source,
				 uint64_t now_ms, bool blocked);

/* Step 8: which doors and for how long. doors has room for KEYS_DOORS; of the server's list (doors
 * that may ever be opened) what key and request both name. *seconds is the request's, else the
 * key's default, else the server's, clipped to the lesser limit, and at least 1. */
struct accept_limits {
	const struct door *doors;
	uint32_t n_doors;
	uint32_t default_s, max_s;
};
enum accept_reason accept_policy(struct door doors[static KEYS_DOORS], uint32_t *n_doors,
				 uint32_t *seconds, const struct key *key,
				 const struct request *request, const struct accept_limits *limits);

#endif
