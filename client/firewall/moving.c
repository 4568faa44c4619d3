/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "moving.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

/* What is cut is no command. */
static bool print(char command[static MOVING_COMMAND], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool print(char command[static MOVING_COMMAND], const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(command, MOVING_COMMAND, format, arguments);
	va_end(arguments);
	return length >= 0 && length < MOVING_COMMAND;
}

/* A command is told in one line, and what can't be seen in it is not in it. */
static bool is_printable(const char *text)
{
	while (*text != '\0' && !iscntrl((unsigned char)*text))
		text++;
	return *text == '\0';
}

bool moving_words(char words[static MOVING_COMMAND], const struct ruleset_rule *rule)
{
	char word[RULE_WORD];
	const char *text = rule->text;
	size_t used = 0;
	if (!is_printable(text))
		return false;
	while (used < MOVING_COMMAND && rule_word(word, &text, false)) {
		if (strlen(word) == RULE_WORD - 1) /* it may be longer */
			return false;
		used += (size_t)snprintf(words + used, MOVING_COMMAND - used, "%s%s",
					 used > 0 ? " " : "", SAY_QUOTED(word));
	}
	return used < MOVING_COMMAND;
}

/* nft takes its words for one text. */
static bool print_nft(char command[static MOVING_COMMAND], const char *words)
{
	bool plain = strpbrk(words, ";\"'$`\\&|<>()*?[#~{}") == NULL;
	return is_printable(words) && print(command, "nft %s", plain ? words : SAY_QUOTED(words));
}

bool moving_out(char command[static MOVING_COMMAND], const struct look *look,
		const struct ruleset_rule *rule)
{
	const struct ruleset_chain *chain = &look->ruleset.chains[rule->chain];
	char words[MOVING_COMMAND], iptables[LOOK_COMMAND];
	if (chain->maker == RULESET_NFT)
		return print(words, "delete rule %s %s handle %llu", chain->table, chain->name,
			     (unsigned long long)rule->handle) &&
		       print_nft(command, words);
	look_command(iptables, look->commands[chain->maker], chain->families, "");
	return (moving_words(words, rule) && print(command, "%s -w -t %s -D %s %s", iptables,
						   chain->table, SAY_QUOTED(chain->name), words)) ||
	       print(command, "%s -w -t %s -D %s %u", iptables, chain->table,
		     SAY_QUOTED(chain->name), rule->number);
}

/* In one step, by each of the two programs. */
bool moving_to(char command[static MOVING_COMMAND], const struct look *look,
	       const struct ruleset_rule *rule, const struct ruleset_chain *to,
	       const struct ruleset_rule *before)
{
	const struct ruleset_chain *chain = &look->ruleset.chains[rule->chain];
	const char *text = rule->text + strspn(rule->text, " ");
	char words[MOVING_COMMAND], restore[LOOK_COMMAND], place[60] = "";
	if (chain->maker == RULESET_NFT) {
		if (before != NULL)
			snprintf(place, sizeof place, "position %llu ",
				 (unsigned long long)before->handle);
		return print(words, "insert rule %s %s %s%s; delete rule %s %s handle %llu",
			     chain->table, to->name, place, text, chain->table, chain->name,
			     (unsigned long long)rule->handle) &&
		       print_nft(command, words);
	}
	if (!is_printable(text) || !print(words, "-D %s %s", chain->name, text))
		return false;
	const char *out = SAY_QUOTED(words);
	if (before != NULL)
		snprintf(place, sizeof place, "%u ", before->number);
	look_command(restore, look->commands[chain->maker], chain->families, "-restore");
	return print(words, "-I %s %s%s", to->name, place, text) &&
	       print(command, "printf '%%s\\n' '*%s' %s %s COMMIT | %s -w -n", chain->table, out,
		     SAY_QUOTED(words), restore);
}
