/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backends.h"

#include "build.h"

#include <stdio.h>
#include <string.h>

#include "host.h"
#include "program.h"

#ifdef HAVE_LIBIPSET
enum { HAS_IPSET = 1 };
#else
enum { HAS_IPSET = 0 };
#endif
#ifdef HAVE_LIBNFTABLES
enum { HAS_NFT = 1 };
#else
enum { HAS_NFT = 0 };
#endif

static const struct {
	const char *name;
	uint32_t backend;
} names[] = {
    {"iptc", CONFIG_IPTC}, {"ipset", CONFIG_IPSET}, {"nft", CONFIG_NFT}, {"none", CONFIG_NONE}};

uint32_t backends_named(const char *name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].backend;
	return 0;
}

const char *backends_name(uint32_t backend)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].backend == backend)
			return names[i].name;
	return "?";
}

bool backends_built(uint32_t backend)
{
	return (backend != CONFIG_IPSET || HAS_IPSET) && (backend != CONFIG_NFT || HAS_NFT);
}

void backends_set(struct config *config, uint32_t backend)
{
	if (config->firewall == backend)
		return;
	config->firewall = backend;
	snprintf(config->table, sizeof config->table, "%s",
		 backend == CONFIG_NFT ? "inet filter" : "mangle");
	config->table6[0] = '\0';
	snprintf(config->chain, sizeof config->chain, "POSTERN");
	config->mark = 0x10000;
	snprintf(config->set4, sizeof config->set4, "postern4");
	snprintf(config->set6, sizeof config->set6, "postern6");
}

void backends_section(char text[static BACKENDS_SECTION], const struct config *config)
{
	char sets[100];
	bool two = config->table6[0] != '\0';
	snprintf(sets, sizeof sets, "set4 = \"%s\" set6 = \"%s\"", config->set4, config->set6);
	if (config->firewall == CONFIG_IPTC && strcmp(config->table, "filter") == 0)
		snprintf(text, BACKENDS_SECTION,
			 "firewall iptc { table = \"filter\" chain = \"%s\" }", config->chain);
	else if (config->firewall == CONFIG_IPTC)
		snprintf(text, BACKENDS_SECTION,
			 "firewall iptc { table = \"%s\" chain = \"%s\" mark = 0x%x }",
			 config->table, config->chain, config->mark);
	else if (config->firewall == CONFIG_IPSET)
		snprintf(text, BACKENDS_SECTION, "firewall ipset { %s }", sets);
	else if (config->firewall == CONFIG_NFT)
		snprintf(text, BACKENDS_SECTION, "firewall nft { table = \"%s\" %s%s%s%s }",
			 config->table, two ? "table6 = \"" : "", config->table6, two ? "\" " : "",
			 sets);
	else
		snprintf(text, BACKENDS_SECTION, "firewall none { }");
}

/* Who decides about a stranger at the first door: his rules are those that a grant has to pass. */
static enum ruleset_maker decider(const struct config *config, const struct look *look)
{
	struct rule_packet packet = {.family = RULESET_V4,
				     .proto = config->doors[0].proto,
				     .port = config->doors[0].port,
				     .without_ours = true};
	struct trace_result result = trace_packet(&look->ruleset, &packet, config, NULL, NULL);
	if (result.chain != NULL && result.end != TRACE_ACCEPTED &&
	    look->commands[result.chain->maker] != NULL)
		return result.chain->maker;
	return look_keeper(look);
}

enum ruleset_maker backends_keeper(const struct config *config, const struct look *look)
{
	if (config->firewall == CONFIG_IPTC)
		return RULESET_LEGACY;
	if (config->firewall == CONFIG_NFT)
		return RULESET_NFT;
	if (look == NULL)
		return RULESET_COMPAT;
	enum ruleset_maker keeper = decider(config, look);
	if (keeper == RULESET_NFT && config->firewall == CONFIG_IPSET)
		keeper = look->commands[RULESET_COMPAT] != NULL ? RULESET_COMPAT : RULESET_LEGACY;
	return keeper;
}

static int choose_nft(struct config *config, const struct look *look, struct error *error)
{
	if (!HAS_NFT)
		return error_set(error, "this host's rules are nftables', and Postern was built "
					"without libnftables; build it with libnftables-dev");
	backends_set(config, CONFIG_NFT);
	rules_find_tables(config->table, config->table6, look, config);
	return 0;
}

static int choose_ipset(struct config *config, struct error *error)
{
	if (!HAS_IPSET)
		return error_set(error, "this host's rules need ipset, and Postern was built "
					"without libipset; build it with libipset-dev");
	if (!program_exists("ipset"))
		return error_set(error, "ipset is missing: install the package ipset");
	backends_set(config, CONFIG_IPSET);
	return 0;
}

int backends_choose(struct config *config, enum ruleset_maker *keeper, const struct look *look,
		    struct error *error)
{
	if (look->firewalld_nft)
		return error_set(
		    error,
		    "firewalld makes the rules of this host by nftables, and what it keeps out "
		    "no rule of ours can let in; first: " BACKENDS_FIREWALLD
		    "; or use --backend none and PAM");
	*keeper = decider(config, look);
	if (look->commands[*keeper] == NULL)
		return error_set(error, "neither iptables nor nft is installed");
	if (*keeper == RULESET_NFT)
		return choose_nft(config, look, error);
	if (*keeper == RULESET_COMPAT || look->firewalld ||
	    (look->ufw && HAS_IPSET && program_exists("ipset")))
		return choose_ipset(config, error);
	backends_set(config, CONFIG_IPTC);
	if (look->ufw)
		snprintf(config->table, sizeof config->table, "filter");
	return 0;
}

int backends_check(const struct config *config, const struct look *look, struct error *error)
{
	bool elsewhere = look->holds[RULESET_COMPAT] || look->holds[RULESET_NFT];
	return config->firewall == CONFIG_IPTC && elsewhere && !look->holds[RULESET_LEGACY]
		   ? error_set(error, HOST_IPTC_IDLE)
		   : 0;
}
