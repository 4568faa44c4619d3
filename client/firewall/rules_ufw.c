/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_ufw.h"
#include "rules_iptables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

#define FOLDER "/etc/ufw/"

static const char *rules_file(uint8_t family)
{
	return family == RULESET_V4 ? FOLDER "before.rules" : FOLDER "before6.rules";
}

static const char *input_chain(uint8_t family)
{
	return family == RULESET_V4 ? "ufw-before-input" : "ufw6-before-input";
}

static int edit_rules(const struct rules *rules, struct edits *edits, bool put, uint8_t family,
		      struct error *error)
{
	char *lines = NULL;
	if (put) {
		lines = rules_iptables_text(rules, family, input_chain(family));
		if (lines == NULL)
			return error_set(error, "out of memory");
	}
	int result = edits_block(edits, rules_file(family), lines, "*filter", "COMMIT", error);
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
	if (!put && access(path, F_OK) != 0)
		return 0;
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
	return rules->config->firewall == CONFIG_IPSET || !put ? edit_init(rules, edits, put, error)
							       : 0;
}

/* sed takes a backslash for more than one. */
bool rules_ufw_command(char command[static MOVING_COMMAND], const struct ruleset_rule *rule,
		       uint8_t family)
{
	char words[MOVING_COMMAND];
	const char *text = rule->text + strspn(rule->text, " ");
	size_t used =
	    (size_t)snprintf(words, sizeof words, "/^" EDITS_MARK "/i -A %s ", input_chain(family));
	if (!edits_found(rules_file(family), EDITS_MARK) || strchr(text, '\n') != NULL)
		return false;
	for (; *text != '\0' && used < sizeof words - 3; text++) {
		if (*text == '\\')
			words[used++] = '\\';
		words[used++] = *text;
	}
	words[used] = '\0';
	int length = snprintf(command, MOVING_COMMAND, "sed -i %s %s && ufw reload",
			      SAY_QUOTED(words), rules_file(family));
	return *text == '\0' && length < MOVING_COMMAND;
}

/* Adds its number to the list of them. */
static void list_line(char numbers[static RULES_UFW_LINES], size_t number)
{
	size_t used = strlen(numbers);
	if (used < RULES_UFW_LINES - 8)
		snprintf(numbers + used, RULES_UFW_LINES - used, "%s%zu", used > 0 ? ", " : "",
			 number);
	else if (numbers[used - 1] != '.')
		snprintf(numbers + used, RULES_UFW_LINES - used, " ...");
}

static bool is_of_ours(const char *line, const struct config *config)
{
	static const char *const chains[] = {RULE_CHAIN, RULE_KNOCK, RULE_CALM};
	const char *text = line + strspn(line, " \t");
	bool is =
	    rule_has_word(text, config->set4, false) || rule_has_word(text, config->set6, false);
	for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
		is |= strstr(text, chains[i]) != NULL;
	return is && *text != '#';
}

const char *rules_ufw_left(char numbers[static RULES_UFW_LINES], const struct config *config,
			   size_t *from)
{
	static const char *const paths[] = {FOLDER "before.rules", FOLDER "before6.rules",
					    FOLDER "after.rules",  FOLDER "after6.rules",
					    FOLDER "before.init",  FOLDER "after.init"};
	numbers[0] = '\0';
	while (*from < sizeof paths / sizeof *paths) {
		const char *path = paths[(*from)++];
		char *text = edits_text(path, NULL), *rest = text, *line;
		for (size_t number = 1; (line = strsep(&rest, "\n")) != NULL; number++)
			if (is_of_ours(line, config))
				list_line(numbers, number);
		free(text);
		if (numbers[0] != '\0')
			return path;
	}
	return NULL;
}
