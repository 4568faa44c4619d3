/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a verb that knocks is asked for: from its command line to the enrolment, the doors, the
 * carrier and the addresses. What is wrong with it is said here, before any packet.
 */
#ifndef WISH_H
#define WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "carrier.h"
#include "door.h"
#include "knock.h"
#include "send.h"
#include "token.h"
#include "verb.h"

enum {
	WISH_DOORS = 64,      /* in one command */
	WISH_WAIT_MS = 10000, /* where no time is said */
};

struct wish {
	struct token token; /* secrets: whoever has a wish wipes it (crypto_wipe) */
	struct send_wish send;
	enum knock_action action;
	struct door doors[WISH_DOORS]; /* of one, all zero: whatever the key may open */
	unsigned n_doors;
	uint16_t seconds;
	int64_t offset_ms;
	uint32_t pace_ms;
	uint32_t wait_ms; /* for the doors to answer; 0: no waiting */
	enum carrier carrier;
	bool carrier_given, dry_run, verbose;
};

/* Each returns an exit code, and has said why. */
int wish_options(struct wish *wish, const struct verb_call *call);
int wish_doors(struct wish *wish, char *const *texts, unsigned count);
/* The enrolment of this name, or the token of -t, with which name may be null; then the carrier. */
int wish_token(struct wish *wish, const struct verb_call *call, const char *name);

/* The addresses to knock at; tells those that are left out. */
int wish_plan(const struct wish *wish, struct send_target targets[static SEND_TARGETS],
	      size_t *n_targets);

#endif
