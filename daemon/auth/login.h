/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logins: what the plugins ask about. An accepted knock whose door was opened may be shown for a
 * login, by its address: younger than the asker wants or, if he does not say, for as long as its
 * grant lives; in either case no longer than its key does. Asked to consume it, it is good for
 * one. Fixed size, oldest out; found by address. What becomes of it goes to the record, which
 * keeps the latest beyond the ends of their grants.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "door.h"
#include "grant.h"
#include "wall.h"

/* A knock can be shown for so long, however old the asker would take it. */
enum { LOGIN_TABLE = 65536, LOGIN_KEPT_MS = 3600 * 1000 };

/* Why a login is not let in; name as in the answer's reason=. In the order of how near it was. */
#define LOGIN_REASONS(X)        \
	X(NO_KNOCK, "no-knock") \
	X(DOOR, "door")         \
	X(OLD, "old")           \
	X(USER, "user")         \
	X(CONSUMED, "consumed") \
	X(BLOCKED, "blocked")   \
	X(YES, "yes")

#define LOGIN_ENUM(symbol, name) LOGIN_##symbol,
enum login_reason { LOGIN_REASONS(LOGIN_ENUM) LOGIN_REASONS_COUNT };
#undef LOGIN_ENUM

const char *login_name(enum login_reason reason);

/* Before lockdown. 0, or -1 without memory. */
int login_start(void);
void login_end(void);

/* The door of this grant is open, or was when its grant lived. */
void login_opened(const struct grant *grant);
/* Closed on purpose, whether its grant still lives or not: no knock for it counts any more. */
struct login_target {
	const struct key *key;         /* a holder's; null: all */
	const struct address *address; /* null: all */
	const struct door *door;       /* null: all */
};
/* How many there were. Goes to the record with the next batch. */
size_t login_close(const struct login_target *target);

struct login_ask {
	struct address address;
	const char *user;        /* null: whoever */
	const struct door *door; /* null: any */
	uint64_t max_age_ms;     /* 0: as long as the grant lives */
	bool consume;
};

struct login_found {
	uint32_t holder;
	uint64_t age_ms, grant;
};

/* Of several that fit, the latest. *found is set with LOGIN_YES. What is consumed goes to the record
 * with the next batch. Whether the address is blocked is for the caller to know. */
enum login_reason login_check(struct login_found *found, const struct login_ask *ask,
			      const struct now *now);

#endif
