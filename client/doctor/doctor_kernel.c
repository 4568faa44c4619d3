/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_kernel.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "backends.h"
#include "intake.h"
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
enum need { ALWAYS, FOR_NFLOG, FOR_LOG, FOR_IPTC, FOR_MARK, FOR_IPSET };

static const struct {
	const char *name;
	unsigned keepers;
	enum need need;
} modules[] = {
    {"iptable_filter", LEGACY, ALWAYS},
    {"ip6table_filter", LEGACY, ALWAYS},
    {"iptable_mangle", LEGACY, FOR_MARK},
    {"ip6table_mangle", LEGACY, FOR_MARK},
    {"nf_tables", TABLES, ALWAYS},
    {"nft_compat", COMPAT, ALWAYS},
    {"nft_ct", NFT, ALWAYS},
    {"nft_limit", NFT, ALWAYS},
    {"xt_conntrack", IPTABLES, ALWAYS},
    {"xt_comment", IPTABLES, ALWAYS},
    {"xt_multiport", IPTABLES, ALWAYS},
    {"xt_limit", IPTABLES, ALWAYS},
    {"xt_mark", IPTABLES, FOR_MARK},
    {"xt_time", IPTABLES, FOR_IPTC},
    {"xt_set", IPTABLES, FOR_IPSET},
    {"ip_set_hash_ipport", IPTABLES, FOR_IPSET},
    {"nfnetlink_log", ALL, FOR_NFLOG},
    {"xt_NFLOG", LEGACY, FOR_NFLOG},
    {"nft_log", TABLES, FOR_NFLOG},
    {"xt_LOG", IPTABLES, FOR_LOG},
    {"nft_log", NFT, FOR_LOG},
};
enum { MODULES = sizeof modules / sizeof *modules };

static bool is_needed(const struct doctor *doctor, size_t i)
{
	const struct config *config = &doctor->config;
	uint8_t families[2];
	if ((modules[i].keepers & 1U << doctor->keeper) == 0 ||
	    (strncmp(modules[i].name, "ip6", 3) == 0 && look_families(families) == 1))
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
	case FOR_MARK:
		return config->firewall == CONFIG_IPTC && strcmp(config->table, "filter") != 0;
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
	struct modules_ban ban;
	size_t length = 0;
	names[0] = '\0';
	for (size_t i = 0; i < MODULES; i++)
		if (is_needed(doctor, i) && modules_state(modules[i].name, &ban) == state &&
		    length + strlen(modules[i].name) + 2 < NAMES)
			length += (size_t)snprintf(names + length, NAMES - length, "%s%s",
						   length > 0 ? " " : "", modules[i].name);
	return length > 0;
}

/* ---- what would do without them */

/* As install with this backend would; 0: as it would without being told one. Two can join rules of legacy
 * iptables; of any other, one alone can. */
static bool choose(const struct doctor *doctor, struct config *config, enum ruleset_maker *keeper,
		   uint32_t backend)
{
	const struct look *look = &doctor->look;
	struct error error;
	if (backend == 0)
		return config->firewall == CONFIG_NONE ||
		       backends_choose(config, keeper, look, &error) == 0;
	if (backend == config->firewall || !backends_built(backend) ||
	    (backend == CONFIG_IPSET && !program_exists("ipset")))
		return false;
	backends_set(config, CONFIG_IPSET);
	*keeper = backends_keeper(config, look);
	backends_set(config, backend);
	return *keeper == RULESET_LEGACY && !look->ufw && !look->firewalld;
}

/* Can this kernel serve it, if need be with another source? That is in the configuration then. */
static bool is_served(const struct doctor *doctor, struct config *config, enum ruleset_maker keeper)
{
	struct error error;
	return intake_choose(config, &doctor->look, keeper, &error) == INTAKE_OTHER ||
	       trial_run(config, &doctor->look, keeper, NULL) == 0;
}

/* By which words posternctl has another source or backend, that this kernel can serve. Null: by none. */
static const char *find_way_out(const struct doctor *doctor)
{
	static const struct {
		uint32_t backend;
		const char *verb;
	} ways[] = {{0, "firewall install"},
		    {CONFIG_IPTC, "firewall install --backend iptc"},
		    {CONFIG_IPSET, "firewall install --backend ipset"}};
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct config config = doctor->config;
		enum ruleset_maker keeper = doctor->keeper;
		if (choose(doctor, &config, &keeper, ways[i].backend) &&
		    is_served(doctor, &config, keeper))
			return ways[i].verb;
	}
	return NULL;
}

/* Are the host's rules of another kind than the configured backend's, and served? Then it is not for those of
 * the backend that modules are to be loaded. */
static bool is_other_kind(const struct doctor *doctor)
{
	struct config config = doctor->config;
	enum ruleset_maker keeper = doctor->keeper;
	return choose(doctor, &config, &keeper, 0) && keeper != doctor->keeper &&
	       is_served(doctor, &config, keeper);
}

/* The remedy of what was found last; false: there is none. */
static bool remedy_by_way_out(struct doctor *doctor)
{
	const char *verb = find_way_out(doctor);
	if (verb != NULL)
		doctor_remedy_verb(doctor, verb);
	return verb != NULL;
}

/* ---- what keeps them from being there */

#define LOADED_AT_START "/etc/modules-load.d/postern.conf"

/* Has that been found just now? Modules have what they need in common. */
static bool is_told(const struct doctor *doctor, size_t first)
{
	bool told = false;
	for (size_t i = first; i + 1 < doctor->count; i++)
		told |= strcmp(doctor->list[i].text, doctor->list[doctor->count - 1].text) == 0;
	return told;
}

/* For sed: "xt[-_]time", which to modprobe are the same. */
enum { PATTERN = 4 * MODULES_NAME };
static void name_pattern(char pattern[static PATTERN], const char *name)
{
	size_t used = 0;
	pattern[0] = '\0';
	for (; *name != '\0' && used + 5 < PATTERN; name++) {
		bool either = *name == '_';
		used += (size_t)snprintf(pattern + used, PATTERN - used, "%s%c%s",
					 either ? "[-" : "", *name, either ? "]" : "");
	}
}

static void remedy_forbidden(struct doctor *doctor, const struct modules_ban *ban, const char *name)
{
	bool locked = modules_are_locked();
	char pattern[PATTERN];
	name_pattern(pattern, ban->name);
	doctor_remedy(
	    doctor,
	    "sed -E -i 's/^[[:space:]]*(install|blacklist)[[:space:]]+%s([[:space:]]|$)/#&/' "
	    "%s%s%s",
	    pattern, ban->files, locked ? "" : " && modprobe ", locked ? "" : name);
}

#define GRUB  "/etc/default/grub"
#define IMAGE "$(ls -d /lib/modules/$(uname -r)/vmlinuz /boot/vmlinuz-$(uname -r) 2>&- | head -n 1)"

/* Settings of which something is made that is read at the start: by the first of these programs that is here;
 * null: whether it is or not. */
static const struct {
	const char *file, *program, *command;
} makers[] = {
    {GRUB, "update-grub", "update-grub"},
    {GRUB, "grub2-mkconfig", "grub2-mkconfig -o /boot/grub2/grub.cfg"},
    {GRUB, "grub-mkconfig", "grub-mkconfig -o /boot/grub/grub.cfg"},
    {"/etc/update-extlinux.conf", NULL, "update-extlinux"},
    {"/etc/kernel/cmdline", "proxmox-boot-tool", "proxmox-boot-tool refresh"},
    {"/etc/kernel/cmdline", "reinstall-kernels", "reinstall-kernels"},
    {"/etc/kernel/cmdline", "mkinitcpio", "mkinitcpio -P"},
    {"/etc/kernel/cmdline", NULL, "kernel-install add $(uname -r) " IMAGE},
};

/* " && update-grub", for each kind among these files. */
enum { REMAKE = 300 };
static void print_remake(char text[static REMAKE], const char *files)
{
	const char *made = "";
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < sizeof makers / sizeof *makers && used < REMAKE; i++) {
		const char *program = makers[i].program;
		if (strcmp(makers[i].file, made) == 0 || strstr(files, makers[i].file) == NULL ||
		    (program != NULL && !program_exists(program)))
			continue;
		made = makers[i].file;
		used += (size_t)snprintf(text + used, REMAKE - used, " && %s", makers[i].command);
	}
}

/* Of a list its name alone goes. What no settings have may be from those of before. */
static void remedy_denied(struct doctor *doctor, const struct modules_ban *ban)
{
	char pattern[PATTERN], remake[REMAKE];
	bool known = ban->files[0] != '\0';
	name_pattern(pattern, ban->name);
	if (!known && remedy_by_way_out(doctor))
		return;
	print_remake(remake, known ? ban->files : GRUB);
	if (!known)
		doctor_remedy(doctor, "${EDITOR:-vi} " GRUB "%s && reboot", remake);
	else
		doctor_remedy(
		    doctor,
		    "sed -E -i 's/(blacklist=([^ ,\"]*,)*)%s([^[:alnum:]_-]|$)/\\1\\3/' %s%s && "
		    "reboot",
		    pattern, ban->files, remake);
}

/* One finding each, for each may be forbidden elsewhere. */
static void find_denied(struct doctor *doctor)
{
	struct modules_ban ban;
	size_t first = doctor->count;
	for (size_t i = 0; i < MODULES; i++) {
		if (!is_needed(doctor, i) || modules_state(modules[i].name, &ban) != MODULES_DENIED)
			continue;
		doctor_find(doctor, DOCTOR_WRONG,
			    "the rules need the kernel module %s, which the kernel's command line "
			    "forbids (/proc/cmdline)",
			    ban.name);
		if (is_told(doctor, first))
			doctor->count--;
		else
			remedy_denied(doctor, &ban);
	}
}

static void find_forbidden(struct doctor *doctor)
{
	struct modules_ban ban;
	size_t first = doctor->count;
	for (size_t i = 0; i < MODULES; i++) {
		if (!is_needed(doctor, i) ||
		    modules_state(modules[i].name, &ban) != MODULES_FORBIDDEN)
			continue;
		doctor_find(doctor, DOCTOR_WRONG,
			    "the rules need the kernel module %s, which %s forbid%s", ban.name,
			    ban.files, strchr(ban.files, ' ') != NULL ? "" : "s");
		if (is_told(doctor, first))
			doctor->count--;
		else
			remedy_forbidden(doctor, &ban, modules[i].name);
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
	doctor_remedy(doctor, "printf '%%s\\n' %s >>" LOADED_AT_START "; modprobe -a %s", names,
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
	if (!remedy_by_way_out(doctor))
		doctor_remedy(doctor, "printf '%%s\\n' %s >>" LOADED_AT_START " && reboot", names);
}

/* ---- and those that this kernel has not */

#define UBUNTUS_KERNEL "linux-image-generic"
#define DEBIANS_KERNEL "linux-image-$(dpkg --print-architecture)"

/* What apt knows of these packages, to be freed: Debian's modules come with the kernel itself, Ubuntu's in one
 * or two packages beside it. */
enum { KINDS = 3, PACKAGE = 100 };
static struct program_output apt_show(char packages[static KINDS][PACKAGE], const char *release)
{
	static const char *const kinds[KINDS] = {"linux-image", "linux-modules",
						 "linux-modules-extra"};
	const char *argv[KINDS + 4] = {"apt-cache", "show"};
	struct program_output output;
	for (size_t i = 0; i < KINDS; i++) {
		snprintf(packages[i], PACKAGE, "%s-%s", kinds[i], release);
		argv[2 + i] = packages[i];
	}
	argv[2 + KINDS] = UBUNTUS_KERNEL;
	program_run(&output, argv, NULL, PROGRAM_MOST, NULL);
	return output;
}

static bool apt_knows(const struct program_output *output, const char *package)
{
	char line[KINDS * PACKAGE + 12];
	snprintf(line, sizeof line, "Package: %s\n", package);
	return output->text != NULL && strstr(output->text, line) != NULL;
}

/* In place of a kernel that somebody has built, the distribution's. */
static void remedy_apt(struct doctor *doctor, const char *release)
{
	char packages[KINDS][PACKAGE], known[KINDS * (PACKAGE + 1)] = "";
	struct program_output output = apt_show(packages, release);
	char *end = known;
	for (size_t i = 0; i < KINDS; i++)
		if (apt_knows(&output, packages[i]))
			end = stpcpy(stpcpy(end, " "), packages[i]);
	if (known[0] != '\0')
		doctor_remedy(doctor, "apt-get install --reinstall%s", known);
	else if (!remedy_by_way_out(doctor))
		doctor_remedy(doctor, "apt-get install %s && reboot",
			      apt_knows(&output, UBUNTUS_KERNEL) ? UBUNTUS_KERNEL : DEBIANS_KERNEL);
	program_free(&output);
}

/* By what each calls its kernels: a package's name, or a part of it. */
static void remedy_missing(struct doctor *doctor, const char *release)
{
	char owner[MODULES_FILES];
	const char *flavour = strrchr(release, '-'); /* Alpine's "6.6.31-0-lts" */
	snprintf(owner, sizeof owner, MODULES_FOLDERS "/%s/pkgbase", release);
	if (program_exists("apt-get"))
		remedy_apt(doctor, release);
	else if (strstr(release, ".fc") != NULL || strstr(release, ".el") != NULL)
		doctor_remedy(doctor, "dnf install kernel-modules-%s kernel-modules-extra-%s",
			      release, release);
	else if (access(owner, F_OK) == 0)
		doctor_remedy(doctor, "pacman -S $(cat %s) && reboot", owner);
	else if (program_exists("apk") && flavour != NULL)
		doctor_remedy(doctor, "apk fix linux%s", flavour);
	else if (!remedy_by_way_out(doctor))
		doctor_remedy_package(doctor, program_exists("dnf") ? "kernel && reboot"
					      : program_exists("zypper")
						  ? "kernel-default && reboot"
						  : "linux && reboot");
}

static void find_missing(struct doctor *doctor, const char *release)
{
	char names[NAMES];
	if (!list_modules(doctor, MODULES_MISSING, names))
		return;
	doctor_find(doctor, DOCTOR_WRONG, "the rules need kernel modules that %s has not: %s",
		    release, names);
	remedy_missing(doctor, release);
}

/* Those of a container are its host's; or all are built in. */
static bool are_elsewhere(void)
{
	return !modules_have_others() || (!modules_have_folder() && modules_in_container());
}

static void find_modules(struct doctor *doctor)
{
	struct utsname kernel;
	uname(&kernel);
	if (are_elsewhere())
		return;
	if (!modules_have_folder()) {
		doctor_find(doctor, DOCTOR_WRONG,
			    "the modules of the kernel that runs, %s, are not there any more: it "
			    "was upgraded",
			    kernel.release);
		doctor_remedy(doctor, "reboot");
		return;
	}
	find_denied(doctor);
	find_forbidden(doctor);
	if (modules_are_locked())
		find_locked(doctor);
	else
		find_unloaded(doctor);
	find_missing(doctor, kernel.release);
}

/* ---- are they needed? */

/* The kernel has all of it; what makes the rules may lack its part, or be older than they are. */
static void remedy_program(struct doctor *doctor)
{
	const char *again = program_installer(true);
	doctor_remedy(doctor, "%s %s", again != NULL ? again : "# install again:",
		      doctor->keeper == RULESET_NFT ? "nftables" : "iptables");
}

static void find_unknown(struct doctor *doctor, const char *said)
{
	char names[NAMES];
	doctor_find(doctor, DOCTOR_WRONG,
		    "the kernel, or a program, can't do what the rules need: %s%s", said,
		    are_elsewhere() ? "; this kernel's modules are not here: of a container, its "
				      "host has to load them"
				    : "");
	if (remedy_by_way_out(doctor))
		return;
	if (list_modules(doctor, MODULES_UNLOADED, names) ||
	    list_modules(doctor, MODULES_MISSING, names))
		doctor_remedy(doctor, "modprobe -a %s", names);
	else
		remedy_program(doctor);
}

/* What the kernel loads by itself it has done then. */
void doctor_kernel(struct doctor *doctor)
{
	struct error error;
	size_t before = doctor->count;
	if (!doctor->configured || !doctor->looked ||
	    trial_run(&doctor->config, &doctor->look, doctor->keeper, &error) == 0)
		return;
	if (!is_other_kind(doctor))
		find_modules(doctor);
	if (doctor->count == before)
		find_unknown(doctor, error.text);
}
