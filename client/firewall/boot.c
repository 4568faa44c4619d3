/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"
#include "program.h"

#define PLUGINS "/usr/share/netfilter-persistent/plugins.d/"
#define UFW     "/etc/ufw/ufw.conf"

/* The first where none is known, nor there is any. */
static const struct boot_store iptables_stores[] = {
    {.manager = "apt-get",
     .files = {{"/etc/iptables/ipsets", "netfilter-persistent", PLUGINS "*ipset",
		"ipset-persistent"},
	       {"/etc/iptables/rules.v4", "netfilter-persistent", PLUGINS "*ip4tables",
		"iptables-persistent"},
	       {"/etc/iptables/rules.v6", "netfilter-persistent", PLUGINS "*ip6tables",
		"iptables-persistent"}}},
    {.manager = "dnf",
     .files = {{"/etc/sysconfig/ipset", "ipset", NULL, "ipset-service"},
	       {"/etc/sysconfig/iptables", "iptables", NULL, "iptables-services"},
	       {"/etc/sysconfig/ip6tables", "ip6tables", NULL, "iptables-services"}}},
    {.manager = "pacman",
     .files = {{"/etc/ipset.conf", "ipset", NULL, "ipset"},
	       {"/etc/iptables/iptables.rules", "iptables", NULL, "iptables"},
	       {"/etc/iptables/ip6tables.rules", "ip6tables", NULL, "iptables"}}},
    {.manager = "apk",
     .openrc = true, /* whose service for sets has files of another form */
     .files = {{"/etc/iptables/ipsets", NULL, NULL, NULL},
	       {"/etc/iptables/rules-save", "iptables", NULL, "iptables-openrc"},
	       {"/etc/iptables/rules6-save", "ip6tables", NULL, "iptables-openrc"}}},
};
enum { IPTABLES_STORES = sizeof iptables_stores / sizeof *iptables_stores };

static const struct boot_store nft_stores[] = {
    {.nft = true,
     .manager = "apt-get",
     .files = {[BOOT_V4] = {"/etc/nftables.conf", "nftables", NULL, "nftables"}}},
    {.nft = true,
     .manager = "dnf",
     .files = {[BOOT_V4] = {"/etc/sysconfig/nftables.conf", "nftables", NULL, "nftables"}}},
    {.nft = true,
     .manager = "apk",
     .openrc = true,
     .files = {[BOOT_V4] = {"/etc/nftables.nft", "nftables", NULL, "nftables-openrc"}}},
    {.nft = true,
     .manager = "pacman",
     .files = {[BOOT_V4] = {"/etc/nftables.conf", "nftables", NULL, "nftables"}}},
};
enum { NFT_STORES = sizeof nft_stores / sizeof *nft_stores };

/* By a script of the administrator's? */
static bool is_named(const char *path)
{
	static const struct {
		const char *pattern;
		bool program; /* it is run only if it can be */
		enum lines_kind kind;
	} scripts[] = {{"/etc/rc.local", true, LINES_SCRIPT},
		       {"/etc/network/interfaces", false, LINES_SCRIPT},
		       {"/etc/network/interfaces.d/*", false, LINES_SCRIPT},
		       {"/etc/network/if-*up.d/*", true, LINES_SCRIPT},
		       {"/etc/systemd/system/*.wants/*", false, LINES_UNIT},
		       {"/etc/local.d/*.start", true, LINES_SCRIPT},
		       {"/etc/crontab", false, LINES_SCRIPT},
		       {"/etc/cron.d/*", false, LINES_SCRIPT}};
	bool named = false;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		glob_t found;
		bool any = glob(scripts[i].pattern, GLOB_NOSORT, NULL, &found) == 0;
		for (size_t j = 0; any && j < found.gl_pathc; j++)
			named |= (!scripts[i].program || access(found.gl_pathv[j], X_OK) == 0) &&
				 lines_have(found.gl_pathv[j], scripts[i].kind, path);
		globfree(&found);
	}
	return named;
}

static bool is_of_here(const struct boot_store *store)
{
	const char *installer = program_installer(false);
	return installer != NULL && strncmp(installer, store->manager, strlen(store->manager)) == 0;
}

/* Nothing loads the files of another distribution, unless the administrator has it done. */
static int rank(const struct boot_store *store)
{
	const char *path = store->files[BOOT_V4].path;
	if (is_of_here(store))
		return 2;
	if (access(path, F_OK) != 0)
		return 0;
	return is_named(path) ? 3 : 1;
}

static const struct boot_store *find_store(const struct boot_store *stores, size_t n)
{
	const struct boot_store *best = stores;
	for (size_t i = 1; i < n; i++)
		if (rank(&stores[i]) > rank(best))
			best = &stores[i];
	return best;
}

const struct boot_store *boot_store(enum ruleset_maker keeper)
{
	return keeper == RULESET_NFT ? find_store(nft_stores, NFT_STORES)
				     : find_store(iptables_stores, IPTABLES_STORES);
}

/* ---- which of them are needed */

#define ASKS_SET "--match-set"

static bool need_sets(const struct rules *rules)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	for (uint32_t i = 0; i < ruleset->n_rules; i++)
		if (ruleset->chains[ruleset->rules[i].chain].maker == rules->keeper &&
		    rule_has_word(ruleset->rules[i].text, ASKS_SET, false))
			return true;
	return false;
}

static bool ask_sets(const struct rules *rules, const struct boot_store *store)
{
	return rules->config->firewall == CONFIG_IPSET ||
	       lines_have(store->files[BOOT_V4].path, LINES_IPTABLES, ASKS_SET) ||
	       lines_have(store->files[BOOT_V6].path, LINES_IPTABLES, ASKS_SET);
}

static bool has_file(const struct boot_store *store, enum boot_kind kind)
{
	uint8_t families[2];
	return store->files[kind].path != NULL && (kind != BOOT_V6 || look_families(families) == 2);
}

bool boot_is_needed(const struct rules *rules, const struct boot_store *store, enum boot_kind kind)
{
	return has_file(store, kind) && (kind != BOOT_SETS || need_sets(rules));
}

bool boot_is_asked(const struct rules *rules, const struct boot_store *store, enum boot_kind kind)
{
	return has_file(store, kind) && (kind != BOOT_SETS || ask_sets(rules, store));
}

bool boot_names_ours(const struct boot_store *store, enum boot_kind kind)
{
	const char *path = store->files[kind].path;
	return store->nft ? lines_have(path, LINES_NFT, RULE_NFT_CHAIN)
			  : lines_have(path, LINES_IPTABLES, "-j " RULE_CHAIN);
}

/* ---- what loads them */

enum ruleset_maker boot_loader(const struct rules *rules)
{
	bool none = rules->look->plain == RULESET_NFT;
	return rules->keeper == RULESET_NFT || none ? rules->keeper : rules->look->plain;
}

/* On some systems one choice is for both families. */
static void choose(char text[static BOOT_COMMAND], const char *tables)
{
	static const char *const of_v6[] = {"update-alternatives", "--display", "ip6tables", NULL};
	int used = snprintf(text, BOOT_COMMAND, "update-alternatives --set iptables /usr/sbin/ip%s",
			    tables);
	if (program_run(NULL, of_v6, NULL, PROGRAM_MOST, NULL) == 0)
		snprintf(text + used, BOOT_COMMAND - (size_t)used,
			 " && update-alternatives --set ip6tables /usr/sbin/ip6%s", tables);
}

void boot_alternatives(char text[static BOOT_COMMAND], const struct rules *rules)
{
	const char *tables = rules->command + strlen("ip"); /* "tables-legacy" */
	const char *installer = program_installer(false);
	if (program_exists("update-alternatives"))
		choose(text, tables);
	else if (installer != NULL && strcmp(installer, "pacman -S") == 0)
		snprintf(text, BOOT_COMMAND, "%s %s", installer, rules->command);
	else
		snprintf(text, BOOT_COMMAND,
			 "for ip in ip ip6; do for end in '' -save -restore; do "
			 "ln -sf $(command -v ${ip}%s$end) $(command -v ${ip}tables$end); "
			 "done; done",
			 tables);
}

enum state { LOADED, DISABLED, MASKED, MISSING, UNSEEN };

static bool is_there(const char *pattern)
{
	glob_t found;
	bool is = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;
	globfree(&found);
	return is;
}

static enum state openrc_state(const char *unit)
{
	char path[BOOT_LIST];
	snprintf(path, sizeof path, "/etc/runlevels/*/%s", unit);
	if (is_there(path))
		return LOADED;
	snprintf(path, sizeof path, "/etc/init.d/%s", unit);
	return is_there(path) ? DISABLED : MISSING;
}

/* It answers where no systemd runs, too. */
static enum state systemd_state(const char *unit)
{
	struct program_output output;
	const char *const argv[] = {"systemctl", "is-enabled", unit, NULL};
	enum state state = UNSEEN;
	if (!program_exists(argv[0]))
		return UNSEEN;
	int status = program_run(&output, argv, NULL, PROGRAM_MOST, NULL);
	const char *text = output.text == NULL ? "" : output.text;
	if (status == 0)
		state = LOADED;
	else if (strncmp(text, "disabled", 8) == 0 || strncmp(text, "linked", 6) == 0)
		state = DISABLED;
	else if (strncmp(text, "masked", 6) == 0)
		state = MASKED;
	else if (strncmp(text, "not-found", 9) == 0 ||
		 strstr(output.said, "get unit file state") != NULL)
		state = MISSING;
	program_free(&output);
	return state;
}

static enum state unit_state(const struct boot_store *store, const struct boot_file *file)
{
	if (file->unit == NULL)
		return UNSEEN;
	enum state state = store->openrc ? openrc_state(file->unit) : systemd_state(file->unit);
	bool seen = state != UNSEEN;
	return seen && file->part != NULL && !is_there(file->part) ? MISSING : state;
}

static enum state state_of(const struct boot_store *store, const struct boot_file *file)
{
	return is_named(file->path) ? LOADED : unit_state(store, file);
}

static void list(char names[static BOOT_LIST], const char *name)
{
	size_t used = strlen(names);
	if (strstr(names, name) == NULL)
		snprintf(names + used, BOOT_LIST - used, "%s%s", used > 0 ? " " : "", name);
}

void boot_look(struct boot_lacks *lacks, const struct rules *rules, const struct boot_store *store)
{
	*lacks = (struct boot_lacks){.unseen = false};
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++) {
		const struct boot_file *file = &store->files[kind];
		if (!boot_is_asked(rules, store, kind))
			continue;
		enum state state = state_of(store, file);
		if (state == MISSING && !is_of_here(store))
			state = UNSEEN; /* the packages are called otherwise */
		lacks->unseen |= state == UNSEEN;
		if (state == MISSING)
			list(lacks->packages, file->package);
		if (state == DISABLED || state == MASKED)
			list(lacks->units, file->unit);
		if (state == MASKED)
			list(lacks->masked, file->unit);
		if (lacks->path_packages == NULL && state == MISSING)
			lacks->path_packages = file->path;
		if (lacks->path_units == NULL && (state == DISABLED || state == MASKED))
			lacks->path_units = file->path;
	}
}

/* rc-update takes one service at a time. */
static void rc_update(char text[static BOOT_COMMAND], const char *what, const char *units)
{
	if (strchr(units, ' ') == NULL)
		snprintf(text, BOOT_COMMAND, "rc-update %s %s", what, units);
	else
		snprintf(text, BOOT_COMMAND, "for unit in %s; do rc-update %s $unit; done", units,
			 what);
}

void boot_enable(char text[static BOOT_COMMAND], const struct boot_lacks *lacks,
		 const struct boot_store *store)
{
	if (store->openrc)
		rc_update(text, "add", lacks->units);
	else if (lacks->masked[0] != '\0')
		snprintf(text, BOOT_COMMAND, "systemctl unmask %s && systemctl enable %s",
			 lacks->masked, lacks->units);
	else
		snprintf(text, BOOT_COMMAND, "systemctl enable %s", lacks->units);
}

/* ---- to load them now */

static bool is_saved(const struct rules *rules, const struct boot_store *store, enum boot_kind kind)
{
	return boot_is_asked(rules, store, kind) && access(store->files[kind].path, F_OK) == 0;
}

/* OpenRC's services save, when they stop, what there is. */
static bool restart(char text[static BOOT_LOAD], const struct rules *rules,
		    const struct boot_store *store)
{
	char units[BOOT_LIST] = "";
	if (store->openrc || access("/run/systemd/system", F_OK) != 0 ||
	    boot_loader(rules) != rules->keeper)
		return false;
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++) {
		if (!is_saved(rules, store, kind))
			continue;
		enum state state = unit_state(store, &store->files[kind]);
		if (state != LOADED && state != DISABLED)
			return false;
		list(units, store->files[kind].unit);
	}
	snprintf(text, BOOT_LOAD, "systemctl restart %s", units);
	return units[0] != '\0';
}

static void restore(char command[static BOOT_COMMAND], const struct rules *rules,
		    const struct boot_store *store, enum boot_kind kind)
{
	char program[LOOK_COMMAND] = "ipset -exist restore";
	const char *path = store->files[kind].path;
	if (kind != BOOT_SETS && !store->nft)
		look_command(program, rules->command, kind == BOOT_V6 ? RULESET_V6 : RULESET_V4,
			     "-restore");
	if (store->nft)
		snprintf(command, BOOT_COMMAND, "nft -f %s", path);
	else
		snprintf(command, BOOT_COMMAND, "%s <%s", program, path);
}

void boot_restore(char text[static BOOT_LOAD], const struct rules *rules,
		  const struct boot_store *store,
		  bool (*is_asked)(const struct rules *rules, const struct boot_store *store,
				   enum boot_kind kind),
		  const char *between)
{
	size_t used = 0;
	text[0] = '\0';
	for (enum boot_kind kind = 0; kind < BOOT_FILES && used < BOOT_LOAD; kind++) {
		char command[BOOT_COMMAND];
		if (!is_asked(rules, store, kind))
			continue;
		restore(command, rules, store, kind);
		used += (size_t)snprintf(text + used, BOOT_LOAD - used, "%s%s",
					 used > 0 ? between : "", command);
	}
}

void boot_load(char text[static BOOT_LOAD], const struct rules *rules,
	       const struct boot_store *store)
{
	if (!restart(text, rules, store))
		boot_restore(text, rules, store, is_saved, " && ");
}

/* ---- what else comes then */

const struct boot_store *boot_beside(const struct rules *rules)
{
	const struct boot_store *store =
	    boot_store(rules->keeper == RULESET_NFT ? RULESET_COMPAT : RULESET_NFT);
	const struct boot_file *file = &store->files[BOOT_V4];
	bool is = access(file->path, F_OK) == 0 && unit_state(store, file) == LOADED;
	return is ? store : NULL;
}

/* ufw's unit is enabled wherever it is installed. */
const char *boot_manager(const struct look *look)
{
	if (!look->ufw && edits_found(UFW, "ENABLED=yes"))
		return "ufw";
	return !look->firewalld && systemd_state("firewalld") == LOADED ? "firewalld" : NULL;
}

enum boot_start boot_start(const char *program)
{
	static const enum boot_start starts[] = {[LOADED] = BOOT_STARTED,
						 [DISABLED] = BOOT_DISABLED,
						 [MASKED] = BOOT_DISABLED,
						 [MISSING] = BOOT_NO_UNIT,
						 [UNSEEN] = BOOT_UNKNOWN};
	return is_named(program) ? BOOT_STARTED : starts[systemd_state(program)];
}

void boot_disable(char text[static BOOT_COMMAND], const struct boot_store *store)
{
	char units[BOOT_LIST] = "";
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++)
		if (store->files[kind].unit != NULL)
			list(units, store->files[kind].unit);
	if (store->openrc)
		rc_update(text, "-a del", units);
	else
		snprintf(text, BOOT_COMMAND, "systemctl disable %s", units);
}

static bool has_failed(const char *unit)
{
	const char *const argv[] = {"systemctl", "is-failed", unit, NULL};
	return program_run(NULL, argv, NULL, PROGRAM_MOST, NULL) == 0;
}

/* What has failed was wanted: its rules are not given up for that. */
void boot_mend_manager(char text[static BOOT_COMMAND], const char *manager)
{
	if (has_failed(manager))
		snprintf(text, BOOT_COMMAND, "systemctl status %s", manager);
	else if (strcmp(manager, "ufw") == 0)
		snprintf(text, BOOT_COMMAND, "sed -i 's/^ENABLED=.*/ENABLED=no/' " UFW);
	else
		snprintf(text, BOOT_COMMAND, "systemctl disable %s", manager);
}
