/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One option of the configuration: its name, type, default, range and help, and how a value of its
 * type is read, printed and described. The table of them is in config.c.
 */
#ifndef OPTION_H
#define OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"

enum { OPTION_VALUES = 64 }; /* in one list */

struct option_type;

struct option {
	const char *section; /* "" or "grant" or "source nflog" */
	const char *name;
	const struct option_type *type;
	size_t at, size;      /* in struct config, or in struct source_config */
	const char *standard; /* default, as it would be written; a list's with ", " between */
	uint32_t least, most; /* of numbers and spans */
	const char *help;
};

struct option_type {
	const char *name;
	bool list;
	/* values: n of them (1 if it is no list). 0, or -1 with what is wrong. */
	int (*parse)(void *at, const struct option *option, const char *const *values, size_t n,
		     struct error *error);
	void (*print)(FILE *out, const void *at, const struct option *option);
	/* What it may be. */
	void (*range)(FILE *out, const struct option *option);
};

/* uint32_t: seconds; a number; a mark of one bit. */
extern const struct option_type option_span, option_number, option_mark;
/* struct portset. */
extern const struct option_type option_ports;
/* char[]: a user, a chain, a table of iptables' or nftables', a set, an absolute path. */
extern const struct option_type option_user, option_chain, option_table, option_nft_table,
    option_nft_table6, option_set, option_path;
/* char[]: a path or none; a regular expression or none. */
extern const struct option_type option_file, option_pattern;
/* Lists with their count: the whole struct config, the whole struct source_config. */
extern const struct option_type option_doors, option_groups, option_interfaces;

/* The default, read as if it had been written. */
int option_default(void *at, const struct option *option, struct error *error);

#endif
