/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "program.h"

void look_free(struct look *look)
{
	ruleset_free(&look->ruleset);
	free(look->sets);
	look->sets = NULL;
}

void look_command(char text[static LOOK_COMMAND], const char *command, uint8_t family,
		  const char *suffix)
{
	snprintf(text, LOOK_COMMAND, "ip%s%s%s", family == RULESET_V6 ? "6" : "",
		 command + strlen("ip"), suffix);
}

/* What it prints goes to take. A program that fails has nothing to tell: no kernel part, no table. */
static int read_iptables(struct look *look, enum ruleset_maker maker, uint8_t family,
			 struct error *error)
{
	char command[LOOK_COMMAND];
	struct program_output output;
	look_command(command, look->commands[maker], family, "-save");
	int status = program_run(&output, (const char *const[]){command, "-c", NULL}, NULL,
				 PROGRAM_MOST, error);
	if (status != 0 || output.text == NULL) {
		program_free(&output);
		return status < 0 ? -1 : 0;
	}
	return ruleset_add_iptables(&look->ruleset, output.text, maker, family, error);
}

static int read_nft(struct look *look, struct error *error)
{
	static const char *const argv[] = {"nft", "-a", "list", "ruleset", NULL};
	struct program_output output;
	int status = program_run(&output, argv, NULL, PROGRAM_MOST, error);
	if (status != 0 || output.text == NULL) {
		program_free(&output);
		return status < 0 ? -1 : 0;
	}
	return ruleset_add_nft(&look->ruleset, output.text, error);
}

static void read_sets(struct look *look)
{
	static const char *const argv[] = {"ipset", "list", "-n", NULL};
	struct program_output output;
	if (program_run(&output, argv, NULL, PROGRAM_MOST, NULL) == 0)
		look->sets = output.text;
	else
		program_free(&output);
}

size_t look_families(uint8_t list[static 2])
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	list[0] = RULESET_V4;
	list[1] = RULESET_V6;
	if (fd < 0 && errno == EAFNOSUPPORT)
		return 1;
	if (fd >= 0)
		close(fd);
	return 2;
}

bool look_has_set(const struct look *look, const char *name)
{
	size_t length = strlen(name);
	for (const char *line = look->sets; line != NULL && *line != '\0';) {
		if (strncmp(line, name, length) == 0 && line[length] == '\n')
			return true;
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	return false;
}

/* "iptables v1.8.9 (nf_tables)" */
static bool is_nft_variant(const char *command)
{
	struct program_output output;
	int status =
	    program_run(&output, (const char *const[]){command, "-V", NULL}, NULL, 4096, NULL);
	bool is = status == 0 && output.text != NULL && strstr(output.text, "nf_tables") != NULL;
	program_free(&output);
	return is;
}

/* Where both kinds are installed they have names of their own; else there is "iptables" alone. */
static void find_commands(struct look *look)
{
	if (program_exists("iptables-legacy-save"))
		look->commands[RULESET_LEGACY] = "iptables-legacy";
	if (program_exists("iptables-nft-save"))
		look->commands[RULESET_COMPAT] = "iptables-nft";
	look->plain = RULESET_NFT;
	if (program_exists("iptables-save")) {
		enum ruleset_maker maker =
		    is_nft_variant("iptables") ? RULESET_COMPAT : RULESET_LEGACY;
		look->plain = maker;
		if (look->commands[maker] == NULL)
			look->commands[maker] = "iptables";
	}
	if (program_exists("nft"))
		look->commands[RULESET_NFT] = "nft";
}

bool look_is_ours(const struct ruleset_chain *chain, const struct ruleset_rule *rule)
{
	static const struct rule_packet any;
	static const struct config none;
	struct rule_sense sense;
	rule_read(&sense, chain, rule->text, &any, &none);
	return rule_is_our_jump(&sense) ||
	       (sense.verdict == RULE_JUMP && strncmp(sense.target, "POSTERN", 7) == 0);
}

/* Does this chain do anything to what comes in? */
static bool acts(const struct look *look, const struct ruleset_chain *chain)
{
	if (chain->hook != RULESET_INPUT)
		return false;
	const struct ruleset_rule *rule = ruleset_first(&look->ruleset, chain);
	while (rule != NULL && look_is_ours(chain, rule))
		rule = ruleset_next(&look->ruleset, rule);
	return rule != NULL || chain->drops;
}

static void take_in(struct look *look)
{
	for (uint32_t i = 0; i < look->ruleset.n_chains; i++) {
		const struct ruleset_chain *chain = &look->ruleset.chains[i];
		look->holds[chain->maker] |= acts(look, chain);
		look->ufw |= strcmp(chain->name, "ufw-before-input") == 0;
		look->firewalld |= strcmp(chain->name, "INPUT_ZONES") == 0;
		look->firewalld_nft |= strcmp(chain->table, LOOK_FIREWALLD_TABLE) == 0;
	}
	look->firewalld |= look->firewalld_nft;
}

int look_read(struct look *look, struct error *error)
{
	static const enum ruleset_maker iptables[] = {RULESET_LEGACY, RULESET_COMPAT};
	*look = (struct look){.ruleset = {.outward = outward_interfaces()}};
	find_commands(look);
	for (size_t i = 0; i < 2; i++)
		if (look->commands[iptables[i]] != NULL &&
		    (read_iptables(look, iptables[i], RULESET_V4, error) != 0 ||
		     read_iptables(look, iptables[i], RULESET_V6, error) != 0))
			return -1;
	if (look->commands[RULESET_NFT] != NULL && read_nft(look, error) != 0)
		return -1;
	read_sets(look);
	take_in(look);
	return 0;
}

enum ruleset_maker look_keeper(const struct look *look)
{
	static const enum ruleset_maker order[] = {RULESET_NFT, RULESET_COMPAT, RULESET_LEGACY};
	enum ruleset_maker keeper = RULESET_NFT;
	for (size_t i = 3; i-- > 0;)
		if (look->commands[order[i]] != NULL)
			keeper = order[i];
	if (look->plain == RULESET_LEGACY && look->commands[RULESET_LEGACY] != NULL)
		keeper = RULESET_LEGACY;
	for (size_t i = 0; i < 3; i++)
		if (look->holds[order[i]] && look->commands[order[i]] != NULL)
			keeper = order[i];
	return keeper;
}

void look_tell(char text[static LOOK_RULE], const struct ruleset_chain *chain,
	       const struct ruleset_rule *rule)
{
	static const char *const makers[] = {"iptables-legacy", "iptables-nft", "nft"};
	const char *table = chain->table;
	if (rule == NULL)
		snprintf(text, LOOK_RULE, "%s: the policy of %s in %s", makers[chain->maker],
			 chain->name, table);
	else if (chain->maker == RULESET_NFT)
		snprintf(text, LOOK_RULE, "nft: in %s %s: %s", table, chain->name, rule->text);
	else
		snprintf(text, LOOK_RULE, "%s: -t %s -A %s %s", makers[chain->maker], table,
			 chain->name, rule->text);
}
