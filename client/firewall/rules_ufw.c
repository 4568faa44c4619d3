/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_ufw.h"
#include "rules_iptables.h"

#include <stdlib.h>

#define FOLDER "/etc/ufw/"

static int edit_rules(const struct rules *rules, struct edits *edits, bool put, uint8_t family,
		      struct error *error)
{
	bool v4 = family == RULESET_V4;
	char *lines = NULL;
	if (put) {
		lines = rules_iptables_text(rules, family,
					    v4 ? "ufw-before-input" : "ufw6-before-input");
		if (lines == NULL)
			return error_set(error, "out of memory");
	}
	int result = edits_block(edits, v4 ? FOLDER "before.rules" : FOLDER "before6.rules", lines,
				 "*filter", "COMMIT", error);
	free(lines);
	return result;
}

/* In the block, where the file was none that ufw would run. */
#define WAS_PLAIN "# it was not executable before\n"

/* A rule on a set can't be loaded before there is the set: ufw runs this before its rules. */
static int edit_init(const struct rules *rules, struct edits *edits, bool put, struct error *error)
{
	static const char path[] = FOLDER "before.init";
	char lines[512];
	struct stat status;
	size_t before = edits->count;
	bool plain = stat(path, &status) == 0 && (status.st_mode & 0111) == 0;
	snprintf(lines, sizeof lines,
		 "%sif [ \"$1\" = start ]; then\n"
		 "    ipset create %s hash:ip,port family inet " RULES_SET "\n"
		 "    ipset create %s hash:ip,port family inet6 " RULES_SET "\n"
		 "fi\n",
		 plain || edits_found(path, WAS_PLAIN) ? WAS_PLAIN : "", rules->config->set4,
		 rules->config->set6);
	if (edits_block(edits, path, put ? lines : NULL, "#!", "set -e", error) != 0)
		return -1;
	if (edits->count == before)
		return 0;
	struct edit *edit = &edits->list[before];
	if (put)
		edit->mode = (edit->like.st_mode & 07777) | 0110;
	else if (edits_found(path, WAS_PLAIN))
		edit->mode = edit->like.st_mode & 07666;
	return 0;
}

int rules_ufw(const struct rules *rules, struct edits *edits, bool put, struct error *error)
{
	if (edit_rules(rules, edits, put, RULESET_V4, error) != 0 ||
	    edit_rules(rules, edits, put, RULESET_V6, error) != 0)
		return -1;
	return rules->config->firewall == CONFIG_IPSET ? edit_init(rules, edits, put, error) : 0;
}
