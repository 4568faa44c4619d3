/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A firewall backend: makes the kernel's table, or set, agree with the grants that live. The orders were
 * checked before it sees them; a backend decides nothing and reads nothing from the network.
 *
 * To add a backend: its file here, a line in backend.c's table, its section in daemon/config.c.
 */
#ifndef BACKEND_H
#define BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "error.h"
#include "msg.h"

/* One door, open for one address, until the kernel closes it. */
struct rule {
	uint64_t grant;
	uint64_t since_ms, until_ms; /* CLOCK_BOOTTIME */
	struct address address;
	struct door door;
	char key[NAME_SIZE];
};

/* All rules that must stand, and which of them the next commit brings or takes away. A backend
 * that writes its whole chain looks at living; one that edits single elements at opened, closed. */
struct rules {
	const struct rule *living;
	size_t n_living;
	const struct rule *opened; /* among living */
	size_t n_opened;
	const struct rule *closed; /* no longer among living */
	size_t n_closed;
	bool all; /* the clock was stepped, or it is the first commit: write all anew */
};

/* What a look at the kernel's table found. */
enum backend_state {
	BACKEND_SOUND,
	BACKEND_CHANGED, /* chain or elements are not what was written: commit again */
	BACKEND_GONE,    /* the same, for there is no such chain or set: no grant has any effect */
	BACKEND_NO_JUMP, /* nothing leads to our chain or set: nor has it then */
	BACKEND_UNREADABLE
};

struct backend {
	const char *name;  /* as in the configuration */
	uint32_t least_ms; /* what a grant must have left to be written */
	/* Before lockdown. lock is the xtables lock's file, or -1. Says what the host lacks, and changes
	 * nothing, for another of us may be at work: chain and sets are the first commit's to make. */
	int (*start)(const struct config *config, int lock, struct error *error);
	/* One commit for all of it: afterwards the table holds the living and no other rule of ours.
	 * 0; or -1, and nothing that was to be opened is open: for that, opened and closed are of one
	 * address family, and only its table is touched; with all, which brings nothing new, both
	 * are. What was open before may be shut then, until the next commit with all. Where the
	 * xtables lock matters, waits for its other users up to 10 s. */
	int (*commit)(const struct rules *rules, struct error *error);
	/* An order of that family may come within moments: reads what its commit must have read, and
	 * keeps it from changing until the next commit or release. False: not now. Both may be null. */
	bool (*prepare)(bool v4);
	void (*release)(void);
	/* Compares without writing. If it is not sound, error says what is wrong and what to do. */
	enum backend_state (*look)(const struct rules *rules, struct error *error);
};

const struct backend *backend_of(uint32_t kind); /* enum config_firewall; null if not built in */

#endif
