/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist.h"

#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "rules_nft.h"
#include "say.h"

#define SETS     "/etc/iptables/ipsets"
#define RULES_V4 "/etc/iptables/rules.v4"
#define RULES_V6 "/etc/iptables/rules.v6"

/* What loads rules is one transaction there: a rule's place is told by its number, for handles are not
 * yet given. */
static void tell_nft(const struct rules *rules)
{
	char *lines = rules_nft_file(rules);
	if (lines == NULL)
		return;
	say_lines("To have them after the next start, put these lines at the end of "
		  "/etc/nftables.conf (in place\nof such lines that are there already), and see "
		  "that it is loaded: systemctl enable nftables\n"
		  "# postern begin: after all other rules\n%s# postern end\n",
		  lines);
	free(lines);
}

/* Debian's packages load these files by themselves, the sets first. */
static void tell_debian(bool sets)
{
	say_lines("Once, for what loads these files at the start%s:\n"
		  "    apt-get install %siptables-persistent\n",
		  sets ? " (the sets first)" : "", sets ? "ipset-persistent " : "");
}

/* What restores rules that name a set which is not there, restores none at all. */
static void tell_restore(const struct rules *rules, bool sets)
{
	say_lines("Have these run at the start, in this order%s:\n",
		  sets ? " (without the sets, no rule at all would be loaded)" : "");
	if (sets)
		say_lines("    ipset -exist restore <" SETS "\n");
	say_lines("    %s-restore <" RULES_V4 "\n    ip6%s-restore <" RULES_V6 "\n", rules->command,
		  rules->command + strlen("ip"));
}

static void tell_iptables(const struct rules *rules)
{
	const struct config *config = rules->config;
	bool sets = config->firewall == CONFIG_IPSET;
	say_lines("To have them after the next start, save them:\n    mkdir -p /etc/iptables\n");
	if (sets) /* a grant is not to be there again */
		say_lines("    ipset save | grep -v -e '^add %s ' -e '^add %s ' >" SETS "\n",
			  config->set4, config->set6);
	say_lines("    %s-save >" RULES_V4 "\n    ip6%s-save >" RULES_V6 "\n", rules->command,
		  rules->command + strlen("ip"));
	if (program_exists("apt-get"))
		tell_debian(sets);
	else
		tell_restore(rules, sets);
}

void persist_tell(const struct rules *rules, const struct look *look)
{
	struct rules now = *rules;
	now.look = look;
	if (rules_have_files(&now))
		say_lines("%s has them in its files, and makes them again by itself.\n",
			  look->firewalld ? "firewalld" : "ufw");
	else if (rules->keeper == RULESET_NFT)
		tell_nft(&now);
	else
		tell_iptables(&now);
}
