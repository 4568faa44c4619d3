/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened, told: a line in the log and to whoever watches, and a row in the history for each
 * event; doc/log.md is the interface. Refusals are limited per key and reason, and altogether, and
 * what is held back is summed up, so that no stranger fills a disk.
 */
#ifndef TELL_H
#define TELL_H

#include <stdint.h>

#include "accept.h"
#include "grant.h"
#include "log.h"
#include "login.h"
#include "wall.h"

/* Why a grant is over. name as in the log's why=. */
#define TELL_WHYS(X)          \
	X(EXPIRED, "expired") \
	X(CLOSE, "close")     \
	X(REVOKED, "revoked") \
	X(REPLACED, "replaced")

#define TELL_ENUM(symbol, name) TELL_##symbol,
enum tell_why { TELL_WHYS(TELL_ENUM) TELL_WHYS_COUNT };
#undef TELL_ENUM

void tell_start(void);

/* An event of any kind: to the log, and to whoever watches. */
void tell_send(struct log_event *line);

void tell_opened(const struct grant *grant, const struct now *now);
void tell_closed(const struct grant *grant, enum tell_why why, const struct now *now);

/* A knock that was refused; door where the refusal is about one. skew_ms counts with ACCEPT_SKEW. */
struct tell_refusal {
	enum accept_reason reason;
	uint32_t id;
	const char *key, *via;
	struct address source;
	struct door door;
	int64_t skew_ms;
};
void tell_refused(const struct tell_refusal *refusal, const struct now *now);

/* Somebody was not let in: said by who asked, in a line of his own, and here to whoever watches. */
struct tell_denial {
	enum login_reason reason;
	const char *by, *user, *service; /* empty: not said */
	struct address address;
	struct door door;
};
void tell_denied(const struct tell_denial *denial, const struct now *now);

/* What the administrator does. seconds: for so long; 0: for good. */
void tell_blocked(const struct address *address, uint32_t seconds, const struct now *now);
void tell_unblocked(const struct address *address, const struct now *now);

/* Sums up what was held back, once a minute. */
uint64_t tell_deadline(void);
void tell_held(const struct now *now);

/* What only an attack or a bug makes happen. */
void tell_attack(const char *what);

#endif
