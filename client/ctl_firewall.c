/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl_firewall.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "say.h"

/* xt_multiport takes 15 places, of which a range takes two. */
enum { MULTIPORT_PLACES = 15 };

/* Knocks that come slower than this are handed on one by one, so at once; what comes faster, in
 * batches. Both in packets a second. */
enum { CALM_RATE = 500 };

/* Up to the accept, the rules differ by where the chain is: they are made from these. */
struct rules {
	const struct config *config;
	const char *command; /* of one family */
	bool in_filter;      /* the chain accepts by itself */
};

static void print_intro(const struct config *config)
{
	puts("# The firewall rules that Postern needs. sh runs this as root; for the next boot, "
	     "save the\n"
	     "# rules as your host saves its own. If INPUT has rules already, ours belong behind "
	     "those\n"
	     "# for ESTABLISHED and those of fail2ban, and before all that accept or drop the same "
	     "ports.");
	if (config->firewall == CONFIG_NONE) {
		puts("# No door is shut by them: it is for PAM or postern-tcpd to ask for the "
		     "knock.");
		return;
	}
	fputs("# From then on these open by a knock alone:", stdout);
	for (uint32_t i = 0; i < config->n_doors; i++) {
		char door[DOOR_TEXT];
		door_print(door, &config->doors[i]);
		printf(" %s", door);
	}
	puts(".\n# Keep a session open until you have seen one work.");
}

static void print_command(const struct rules *rules, const char *rule)
{
	printf("%s -w %s\n", rules->command, rule);
}

/* How knocks get to posternd: what comes slowly to the first group, without delay; a flood to the
 * second, in batches. Nothing else gets an answer either. */
static void print_knock_chain(const struct rules *rules, const struct source_config *source)
{
	puts("# Knocks. These chains are new; if they are there already, all that follows is too.");
	print_command(rules, "-N POSTERN-KNOCK");
	if (source->n_groups > 1) {
		print_command(rules, "-N POSTERN-CALM");
		printf("%s -w -A POSTERN-CALM -j NFLOG --nflog-group %u --nflog-threshold 1\n",
		       rules->command, source->groups[0]);
		print_command(rules, "-A POSTERN-CALM -j DROP");
		printf("%s -w -A POSTERN-KNOCK -m limit --limit %d/second --limit-burst %d "
		       "-g POSTERN-CALM\n",
		       rules->command, CALM_RATE, CALM_RATE);
	}
	printf("%s -w -A POSTERN-KNOCK -j NFLOG --nflog-group %u --nflog-threshold %d\n",
	       rules->command, source->groups[source->n_groups > 1], source->n_groups > 1 ? 64 : 1);
	print_command(rules, "-A POSTERN-KNOCK -j DROP");
}

/* Where the grants are, and what makes them count. */
static void print_grants(const struct rules *rules)
{
	const struct config *config = rules->config;
	const char *table = rules->in_filter ? "filter" : config->table;
	puts("# Connections that have begun go on.");
	print_command(rules, "-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT");
	if (config->firewall == CONFIG_NONE)
		return;
	puts("# Postern's own chain, which posternd fills, and keeps where it is there already.");
	printf("%s -w -t %s -N %s 2>/dev/null || :\n", rules->command, table, config->chain);
	printf("%s -w -t %s -A INPUT -m conntrack --ctstate NEW -j %s\n", rules->command, table,
	       config->chain);
	if (rules->in_filter)
		return;
	puts("# What it has marked may pass.");
	printf("%s -w -A INPUT -m mark --mark 0x%x/0x%x -j ACCEPT\n", rules->command, config->mark,
	       config->mark);
}

/* Some ports of the set, from this range on, as many as one rule takes. Returns the range after. */
static uint32_t print_ports(const struct portset *set, uint32_t range)
{
	for (int places = MULTIPORT_PLACES; range < set->n_ranges; range++) {
		bool single = set->ranges[range].first == set->ranges[range].last;
		places -= single ? 1 : 2;
		if (places < 0)
			break;
		if (places < MULTIPORT_PLACES - (single ? 1 : 2))
			putchar(',');
		printf("%u", set->ranges[range].first);
		if (!single)
			printf(":%u", set->ranges[range].last);
	}
	return range;
}

static void print_set(const struct rules *rules, const char *match, const struct portset *set)
{
	for (uint32_t range = 0; range < set->n_ranges;) {
		printf("%s -w -A INPUT ! -i lo -p %s -m multiport --dports ", rules->command,
		       match);
		range = print_ports(set, range);
		puts(" -j POSTERN-KNOCK");
	}
}

/* A sequence goes to its ports by UDP or by TCP's first packets. */
static void print_knock_ports(const struct rules *rules)
{
	const struct config *config = rules->config;
	puts("# The ports that take knocks. A service of this host on one of them would no longer\n"
	     "# be reached: take its port out of the configuration.");
	print_set(rules, "udp", &config->spa);
	print_set(rules, "udp", &config->sequence);
	print_set(rules, "tcp --syn", &config->sequence);
}

static void print_doors(const struct rules *rules)
{
	static const struct {
		uint8_t proto;
		const char *name;
	} protocols[] = {{DOOR_TCP, "tcp"}, {DOOR_UDP, "udp"}, {DOOR_SCTP, "sctp"}};
	const struct config *config = rules->config;
	if (config->firewall == CONFIG_NONE)
		return;
	puts("# The doors are shut for everybody else.");
	for (uint32_t i = 0; i < config->n_doors; i++)
		for (size_t j = 0; j < sizeof protocols / sizeof *protocols; j++)
			if (config->doors[i].proto == protocols[j].proto)
				printf("%s -w -A INPUT ! -i lo -p %s --dport %u -j DROP\n",
				       rules->command, protocols[j].name, config->doors[i].port);
}

static const struct source_config *nflog_source(const struct config *config)
{
	for (uint32_t i = 0; i < config->n_sources; i++)
		if (config->sources[i].kind == SOURCE_NFLOG && config->sources[i].n_groups > 0)
			return &config->sources[i];
	return NULL;
}

static void print_family(const struct rules *rules, const char *title)
{
	const struct source_config *source = nflog_source(rules->config);
	bool knocks =
	    source != NULL && rules->config->spa.count + rules->config->sequence.count > 0;
	printf("\n# ---- %s\n", title);
	if (knocks)
		print_knock_chain(rules, source);
	print_grants(rules);
	if (knocks)
		print_knock_ports(rules);
	print_doors(rules);
}

int ctl_firewall_show(const struct verb_call *call)
{
	struct ctl ctl;
	int code = ctl_start(&ctl, call);
	if (code != SAY_DONE)
		return code;
	const struct config *config = &ctl.config;
	bool legacy = config->firewall == CONFIG_IPTC;
	struct rules rules = {.config = config, .in_filter = strcmp(config->table, "filter") == 0};
	print_intro(config);
	/* In a shell of its own, which the first failure ends. */
	puts("(\nset -e");
	rules.command = legacy ? "iptables-legacy" : "iptables";
	print_family(&rules, "IPv4");
	rules.command = legacy ? "ip6tables-legacy" : "ip6tables";
	print_family(&rules, "IPv6");
	puts(")");
	return SAY_DONE;
}
