/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which backend a host's firewall needs, and whose rules Postern's join: by what is there, or as the
 * administrator says.
 */
#ifndef BACKENDS_H
#define BACKENDS_H

#include <stdbool.h>

#include "config.h"
#include "look.h"
#include "rules.h"

/* "iptc", "ipset", "nft", "none" -> CONFIG_IPTC ...; 0: there is none of this name. */
uint32_t backends_named(const char *name);
/* And back. */
const char *backends_name(uint32_t backend);

/* Was Postern built with what it is made of? */
bool backends_built(uint32_t backend);

/* Changes the configuration to this backend, with its defaults where it had another. */
void backends_set(struct config *config, uint32_t backend);

/* The one that fits the host, with the table that it needs; and whose rules they join. 0; or -1 with what
 * is in the way. */
int backends_choose(struct config *config, enum ruleset_maker *keeper, const struct look *look,
		    struct error *error);

/* Would the rules of this one, which was asked for, be those that count here? 0; or -1 with why not. */
int backends_check(const struct config *config, const struct look *look, struct error *error);

/* Whose rules a configured backend joins. look may be null. */
enum ruleset_maker backends_keeper(const struct config *config, const struct look *look);

/* Has firewalld use iptables, where rules of others may let in. */
#define BACKENDS_FIREWALLD                                                  \
	"sed -i -e '/^FirewallBackend=/d' -e '$aFirewallBackend=iptables' " \
	"/etc/firewalld/firewalld.conf && systemctl restart firewalld"

enum { BACKENDS_SECTION = 384 };
/* "firewall nft { ... }" */
void backends_section(char text[static BACKENDS_SECTION], const struct config *config);

#endif
