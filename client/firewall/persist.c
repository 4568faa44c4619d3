/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "program.h"
#include "rules_nft.h"
#include "say.h"

/* As Debian's packages, Fedora's and Arch's have them; the first where there are none. */
static const struct store {
	const char *v4, *v6, *sets;
} stores[] = {
    {"/etc/iptables/rules.v4", "/etc/iptables/rules.v6", "/etc/iptables/ipsets"},
    {"/etc/sysconfig/iptables", "/etc/sysconfig/ip6tables", "/etc/sysconfig/ipset"},
    {"/etc/iptables/iptables.rules", "/etc/iptables/ip6tables.rules", "/etc/ipset.conf"},
};

/* As Fedora and RHEL, Alpine, and Debian and Arch load it, and what has it loaded; the last where there
 * are none. A distribution's own comes first: nothing loads another that somebody has made beside it. */
static const struct nft_store {
	const char *file, *enable;
} nft_stores[] = {
    {"/etc/sysconfig/nftables.conf", "systemctl enable nftables"},
    {"/etc/nftables.nft", "rc-update add nftables"},
    {"/etc/nftables.conf", "systemctl enable nftables"},
};
enum { NFT_STORES = sizeof nft_stores / sizeof *nft_stores };

static const struct store *store(void)
{
	for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
		if (access(stores[i].v4, F_OK) == 0)
			return &stores[i];
	return &stores[0];
}

static const struct nft_store *nft_store(void)
{
	size_t i = 0;
	while (i < NFT_STORES - 1 && access(nft_stores[i].file, F_OK) != 0)
		i++;
	return &nft_stores[i];
}

const char *persist_file(const struct rules *rules)
{
	return rules->keeper == RULESET_NFT ? nft_store()->file : store()->v4;
}

bool persist_has_ours(const struct rules *rules)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	for (uint32_t i = 0; i < ruleset->n_chains; i++)
		if (ruleset->chains[i].maker == rules->keeper &&
		    strcmp(ruleset->chains[i].name,
			   rules->keeper == RULESET_NFT ? RULE_NFT_CHAIN : RULE_CHAIN) == 0)
			return true;
	return false;
}

/* ---- is it as it is to be? */

const char *persist_wrong(const struct rules *rules)
{
	bool ours = persist_has_ours(rules), sets = rules->config->firewall == CONFIG_IPSET;
	const struct store *files = store();
	if (rules_have_files(rules))
		return NULL;
	if (rules->keeper == RULESET_NFT)
		return edits_has(persist_file(rules), RULE_NFT_CHAIN) == ours ? NULL
									      : persist_file(rules);
	if (edits_has(files->v4, "-j " RULE_CHAIN) != ours)
		return files->v4;
	if (edits_has(files->v6, "-j " RULE_CHAIN) != ours)
		return files->v6;
	return sets && ours && !edits_has(files->sets, rules->config->set4) ? files->sets : NULL;
}

/* ---- to put it right */

/* The lines of nft stand at the end, after all that they are counted by. */
static int edit_nft(const struct rules *rules, struct edits *edits, struct error *error)
{
	const char *path = persist_file(rules);
	char *lines = persist_has_ours(rules) ? rules_nft_file(rules) : NULL;
	int result = -1;
	if (access(path, F_OK) != 0)
		error_set(error,
			  "%s is not there: make it first, with the rules that this host is to "
			  "begin with",
			  path);
	else
		result = edits_block(edits, path, lines, NULL, NULL, error);
	free(lines);
	return result;
}

/* A grant is not to be there again: what begins so is left out. */
static void leave_out(char *text, const char *beginning)
{
	size_t length = strlen(beginning);
	char *to = text;
	for (char *line = text; *line != '\0';) {
		char *end = line + strcspn(line, "\n");
		end += *end == '\n';
		if (strncmp(line, beginning, length) != 0) {
			memmove(to, line, (size_t)(end - line));
			to += end - line;
		}
		line = end;
	}
	*to = '\0';
}

/* What the command prints becomes the file. */
static int edit_output(const struct rules *rules, struct edits *edits, const char *path,
		       const char *const *argv, struct error *error)
{
	const struct config *config = rules->config;
	char grants[3][CONFIG_SET + 16];
	struct program_output output;
	int status = program_run(&output, argv, NULL, PROGRAM_MOST, error);
	if (status > 0)
		status = error_set(error, "%s: %s", argv[0], output.said);
	snprintf(grants[0], sizeof grants[0], "add %s ", config->set4);
	snprintf(grants[1], sizeof grants[1], "add %s ", config->set6);
	snprintf(grants[2], sizeof grants[2], "-A %s -", config->chain);
	for (size_t i = 0; status == 0 && output.text != NULL && i < 3; i++)
		leave_out(output.text, grants[i]);
	if (status == 0)
		status = edits_file(edits, path, output.text == NULL ? "" : output.text, error);
	program_free(&output);
	return status;
}

static int edit_iptables(const struct rules *rules, struct edits *edits, struct error *error)
{
	const struct store *files = store();
	uint8_t families[2];
	size_t n = look_families(families);
	if (mkdir("/etc/iptables", 0755) != 0 && access(files->v4, F_OK) != 0 &&
	    access("/etc/iptables", W_OK) != 0)
		return error_set(error, "/etc/iptables can't be made");
	for (size_t i = 0; i < n; i++) {
		char save[LOOK_COMMAND];
		look_command(save, rules->command, families[i], "-save");
		if (edit_output(rules, edits, i == 0 ? files->v4 : files->v6,
				(const char *const[]){save, NULL}, error) != 0)
			return -1;
	}
	if (rules->config->firewall != CONFIG_IPSET)
		return 0;
	return edit_output(rules, edits, files->sets, (const char *const[]){"ipset", "save", NULL},
			   error);
}

/* Would nft take it? */
static int check_nft(const struct rules *rules, struct error *error)
{
	struct program_output output;
	const char *path = persist_file(rules);
	int status = program_run(&output, (const char *const[]){"nft", "-c", "-f", path, NULL},
				 NULL, PROGRAM_MOST, error);
	if (status > 0)
		status = error_set(error, "%s would not be loaded then: %s", path, output.said);
	program_free(&output);
	return status;
}

int persist_save(const struct rules *rules, struct error *error)
{
	struct edits edits = {.count = 0};
	struct error unwanted;
	bool nft = rules->keeper == RULESET_NFT;
	int result = nft ? edit_nft(rules, &edits, error) : edit_iptables(rules, &edits, error);
	if (result == 0)
		result = edits_make(&edits, error);
	if (result == 0 && nft && check_nft(rules, error) != 0) {
		edits_undo(&edits, &unwanted);
		result = -1;
	}
	edits_free(&edits);
	return result;
}

/* ---- what is told */

/* Debian's packages load these files by themselves, the sets first, by what "iptables" is: rules of
 * another kind would come back where nobody looks for them, with all doors shut. */
static void tell_debian(const struct rules *rules, bool sets)
{
	say_lines("Once, for what loads these files at the start%s:\n",
		  sets ? " (the sets first)" : "");
	if (rules->look->plain != rules->keeper)
		say_lines("    update-alternatives --set iptables /usr/sbin/%s\n"
			  "    update-alternatives --set ip6tables /usr/sbin/ip6%s\n",
			  rules->command, rules->command + strlen("ip"));
	say_lines("    apt-get install %siptables-persistent\n", sets ? "ipset-persistent " : "");
}

/* What restores rules that name a set which is not there, restores none at all. */
static void tell_restore(const struct rules *rules, bool sets)
{
	const struct store *files = store();
	say_lines("Have these run at the start, in this order%s:\n",
		  sets ? " (without the sets, no rule at all would be loaded)" : "");
	if (sets)
		say_lines("    ipset -exist restore <%s\n", files->sets);
	say_lines("    %s-restore <%s\n    ip6%s-restore <%s\n", rules->command, files->v4,
		  rules->command + strlen("ip"), files->v6);
}

void persist_tell(const struct rules *rules, const char *config_path)
{
	bool sets = rules->config->firewall == CONFIG_IPSET;
	bool usual = strcmp(config_path, PATHS_CONFIG) == 0;
	if (rules_have_files(rules)) {
		say_lines("%s has them in its files, and makes them again by itself.\n",
			  rules->look->firewalld ? "firewalld" : "ufw");
		return;
	}
	say_lines("To have them after the next start, in %s:\n    posternctl firewall save%s%s\n",
		  persist_file(rules), usual ? "" : " -f ", usual ? "" : config_path);
	if (rules->keeper == RULESET_NFT)
		say_lines("Once, so that it is loaded:\n    %s\n", nft_store()->enable);
	else if (program_exists("apt-get"))
		tell_debian(rules, sets);
	else
		tell_restore(rules, sets);
}
