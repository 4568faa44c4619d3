/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_kernel.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "modules.h"
#include "program.h"
#include "rules.h"
#include "trial.h"

/* ---- which modules the rules are made of */

enum {
	LEGACY = 1 << RULESET_LEGACY,
	COMPAT = 1 << RULESET_COMPAT,
	NFT = 1 << RULESET_NFT,
	IPTABLES = LEGACY | COMPAT,
	TABLES = COMPAT | NFT,
	ALL = IPTABLES | NFT
};
enum need { ALWAYS, FOR_NFLOG, FOR_LOG, FOR_IPTC, FOR_IPSET };

static const struct {
	const char *name;
	unsigned keepers;
	enum need need;
} modules[] = {
    {"iptable_filter", LEGACY, ALWAYS},
    {"ip6table_filter", LEGACY, ALWAYS},
    {"iptable_mangle", LEGACY, FOR_IPTC},
    {"ip6table_mangle", LEGACY, FOR_IPTC},
    {"nf_tables", TABLES, ALWAYS},
    {"nft_compat", COMPAT, ALWAYS},
    {"nft_ct", NFT, ALWAYS},
    {"nft_limit", NFT, ALWAYS},
    {"xt_conntrack", IPTABLES, ALWAYS},
    {"xt_comment", IPTABLES, ALWAYS},
    {"xt_multiport", IPTABLES, ALWAYS},
    {"xt_limit", IPTABLES, ALWAYS},
    {"xt_mark", IPTABLES, FOR_IPTC},
    {"xt_time", IPTABLES, FOR_IPTC},
    {"xt_set", IPTABLES, FOR_IPSET},
    {"ip_set_hash_ipport", IPTABLES, FOR_IPSET},
    {"nfnetlink_log", ALL, FOR_NFLOG},
    {"xt_NFLOG", LEGACY, FOR_NFLOG},
    {"nft_log", TABLES, FOR_NFLOG},
    {"xt_LOG", LEGACY, FOR_LOG},
    {"nft_log", TABLES, FOR_LOG},
};
enum { MODULES = sizeof modules / sizeof *modules };

static bool is_needed(const struct doctor *doctor, size_t i)
{
	const struct config *config = &doctor->config;
	if ((modules[i].keepers & 1U << doctor->keeper) == 0)
		return false;
	switch (modules[i].need) {
	case ALWAYS:
		return true;
	case FOR_NFLOG:
		return rules_nflog(config) != NULL;
	case FOR_LOG:
		return rules_log_text(config) && rules_nflog(config) == NULL;
	case FOR_IPTC:
		return config->firewall == CONFIG_IPTC;
	case FOR_IPSET:
		return config->firewall == CONFIG_IPSET;
	}
	return false;
}

/* The names of those in this state, a blank between. False: there is none. */
enum { NAMES = 200 };
static bool list_modules(const struct doctor *doctor, enum modules_state state,
			 char names[static NAMES])
{
	char file[MODULES_PATH];
	size_t length = 0;
	names[0] = '\0';
	for (size_t i = 0; i < MODULES; i++)
		if (is_needed(doctor, i) && modules_state(modules[i].name, file) == state &&
		    length + strlen(modules[i].name) + 2 < NAMES)
			length += (size_t)snprintf(names + length, NAMES - length, "%s%s",
						   length > 0 ? " " : "", modules[i].name);
	return length > 0;
}

/* ---- what keeps them from being there */

#define LOADED_AT_START "/etc/modules-load.d/postern.conf"

/* One finding each, for each may be forbidden elsewhere. */
static void find_forbidden(struct doctor *doctor)
{
	char file[MODULES_PATH];
	for (size_t i = 0; i < MODULES; i++) {
		const char *name = modules[i].name;
		if (!is_needed(doctor, i) || modules_state(name, file) != MODULES_FORBIDDEN)
			continue;
		doctor_find(doctor, DOCTOR_WRONG,
			    "the rules need the kernel module %s, which %s forbids", name, file);
		doctor_remedy(doctor,
			      "sed -i 's/^[[:space:]]*install[[:space:]]*%s[[:space:]]/#&/' %s && "
			      "modprobe %s",
			      name, file, name);
	}
}

/* Which of them is the one that is lacked, only modprobe would tell, by loading it. */
static void find_unloaded(struct doctor *doctor)
{
	char names[NAMES];
	if (modules_come_alone() || !list_modules(doctor, MODULES_UNLOADED, names))
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    "the rules need kernel modules that are not loaded, %s, and this kernel loads "
		    "none by itself (kernel.modprobe)",
		    names);
	doctor_remedy(doctor, "printf '%%s\\n' %s >" LOADED_AT_START "; modprobe -a %s", names,
		      names);
}

static void find_locked(struct doctor *doctor)
{
	char names[NAMES];
	if (!list_modules(doctor, MODULES_UNLOADED, names))
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    "the rules need kernel modules that are not loaded, %s, and no more can be "
		    "until the next start (kernel.modules_disabled)",
		    names);
	doctor_remedy(doctor, "printf '%%s\\n' %s >" LOADED_AT_START " && reboot", names);
}

/* Some distributions have what is used less in a package of its own. */
static void find_missing(struct doctor *doctor)
{
	char names[NAMES], package[100] = "kernel-modules-extra";
	struct utsname kernel;
	uname(&kernel);
	if (!modules_have_folder()) {
		doctor_find(doctor, DOCTOR_WRONG,
			    "the modules of the kernel that runs, %s, are not there any more: it "
			    "was upgraded",
			    kernel.release);
		doctor_remedy(doctor, "reboot");
		return;
	}
	if (!list_modules(doctor, MODULES_MISSING, names))
		return;
	doctor_find(doctor, DOCTOR_WRONG, "the rules need kernel modules that %s has not: %s",
		    kernel.release, names);
	if (program_exists("apt-get"))
		snprintf(package, sizeof package, "linux-modules-extra-%s", kernel.release);
	doctor_remedy_package(doctor, package);
}

static void find_modules(struct doctor *doctor)
{
	if (!modules_have_others())
		return; /* a container, or all is built in */
	if (modules_have_folder()) {
		find_forbidden(doctor);
		if (modules_are_locked())
			find_locked(doctor);
		else
			find_unloaded(doctor);
	}
	find_missing(doctor);
}

/* ---- are they needed? */

/* What the kernel loads by itself it has done then. */
void doctor_kernel(struct doctor *doctor)
{
	struct error error;
	size_t before = doctor->count;
	if (!doctor->configured || !doctor->looked ||
	    trial_run(&doctor->config, &doctor->look, doctor->keeper, &error) == 0)
		return;
	find_modules(doctor);
	if (doctor->count > before)
		return;
	doctor_find(doctor, DOCTOR_WRONG,
		    "the kernel, or a program, can't do what the rules need: %s", error.text);
	doctor_remedy(doctor,
		      "modprobe -a nfnetlink_log xt_NFLOG xt_time xt_set xt_mark xt_multiport "
		      "xt_limit xt_conntrack xt_comment nft_log nft_limit nft_ct");
}
