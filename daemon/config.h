/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * postern.conf, read by libconfuse into one fixed struct: checked, whole, free of pointers, so that
 * posternd can hand it to its children as a message. Options are one table in config.c: name,
 * type, default, range, help.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdint.h>
#include <stdio.h>

#include "door.h"
#include "error.h"
#include "portset.h"
#include "source.h"

enum {
	CONFIG_SOURCES = 4,
	CONFIG_DOORS = 64,
	CONFIG_PATH = 256,
	CONFIG_SOCKET = 108, /* sun_path */
	CONFIG_USER = 33,
	CONFIG_CHAIN = 29, /* XT_EXTENSION_MAXNAMELEN */
	CONFIG_TABLE = 64,
	CONFIG_SET = 28 /* IPSET_MAXNAMELEN, less what a set in the making is called more */
};

enum config_firewall { CONFIG_IPTC = 1, CONFIG_IPSET, CONFIG_NFT, CONFIG_NONE };

struct config {
	struct source_config sources[CONFIG_SOURCES];
	uint32_t n_sources;

	struct portset spa, sequence, code;
	uint32_t codelen;

	struct door doors[CONFIG_DOORS];
	uint32_t n_doors;

	uint32_t grant_default_s, grant_max_s;
	uint32_t clock_window_s;
	uint32_t gather_window_s, gather_sources;

	uint32_t firewall;         /* enum config_firewall */
	char table[CONFIG_TABLE];  /* iptc: "mangle" or "filter"; nft: "inet filter" */
	char table6[CONFIG_TABLE]; /* nft: "ip6 filter" beside "ip filter"; else "" */
	char chain[CONFIG_CHAIN];
	uint32_t mark;                           /* iptc in mangle: exactly one bit */
	char set4[CONFIG_SET], set6[CONFIG_SET]; /* ipset and nft */

	char user_capture[CONFIG_USER], user_auth[CONFIG_USER], user_firewall[CONFIG_USER];
	char state[CONFIG_PATH];     /* folder, absolute */
	char keys[CONFIG_PATH];      /* file, absolute */
	char control[CONFIG_SOCKET]; /* socket, absolute */
};

/* Reads and checks the file. 0; or -1 with "FILE:LINE: what; what to do", *config unusable. */
int config_read(struct config *config, const char *path, struct error *error);

/* The line that an option or section ("source log.pattern") has in that file; 0 = none. For what can
 * only be checked elsewhere. */
uint32_t config_line(const char *path, const char *key);

/* The configuration in force, every option with its value; parses again to the same. */
void config_print(const struct config *config, FILE *out);

/* The options with type, default, range and help, a line each: for --help and for the test that
 * holds the manual page to this table. */
void config_print_options(FILE *out);

#endif
