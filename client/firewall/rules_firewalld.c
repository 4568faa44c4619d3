/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules_firewalld.h"
#include "rules_iptables.h"

#include <stdlib.h>
#include <string.h>

#define END "</direct>"

static void print_escaped(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == '&' || text[i] == '<' || text[i] == '>')
			fprintf(out, "&#%d;", text[i]);
		else
			putc(text[i], out);
}

/* ":CHAIN - [0:0]" or "-A CHAIN RULE", as firewalld itself writes it, a line each. */
static void print_line(FILE *out, const char *line, size_t length, const char *family, int number)
{
	bool chain = line[0] == ':';
	const char *name = line + (chain ? 1 : strlen("-A "));
	size_t size = strcspn(name, " ");
	fprintf(out, "  <%s ipv=\"%s\" table=\"filter\" chain=\"%.*s\"", chain ? "chain" : "rule",
		family, (int)size, name);
	if (chain) {
		fputs("/>\n", out);
		return;
	}
	fprintf(out, " priority=\"%d\">", number);
	print_escaped(out, name + size + 1, length - (size_t)(name + size + 1 - line));
	fputs("</rule>\n", out);
}

static int print_family(const struct rules *rules, FILE *out, uint8_t family)
{
	/* firewalld puts what is for INPUT into its chain. */
	char *text = rules_iptables_text(rules, family, "INPUT"), *line = text;
	for (int number = 0; line != NULL && *line != '\0'; number++) {
		size_t length = strcspn(line, "\n");
		print_line(out, line, length, family == RULESET_V4 ? "ipv4" : "ipv6", number);
		line += length + (line[length] == '\n');
	}
	free(text);
	return text == NULL ? -1 : 0;
}

/* By what it names, for firewalld keeps no comment when it writes the file itself. */
static bool is_ours(const struct rules *rules, const char *line, size_t length)
{
	const struct config *config = rules->config;
	char copy[512], sets[2][CONFIG_SET + 16];
	if (length >= sizeof copy)
		return false;
	snprintf(copy, sizeof copy, "%.*s", (int)length, line);
	snprintf(sets[0], sizeof sets[0], "--match-set %s ", config->set4);
	snprintf(sets[1], sizeof sets[1], "--match-set %s ", config->set6);
	return strstr(copy, "=\"POSTERN-") != NULL || strstr(copy, "-j POSTERN-") != NULL ||
	       strstr(copy, sets[0]) != NULL || strstr(copy, sets[1]) != NULL;
}

static void print_others(const struct rules *rules, FILE *out, const char *text, const char *end)
{
	while (text < end) {
		size_t length = strcspn(text, "\n");
		length += text[length] == '\n';
		if (text + length > end)
			length = (size_t)(end - text);
		if (!is_ours(rules, text, length))
			fwrite(text, 1, length, out);
		text += length;
	}
}

/* What the file has, without ours, and with them again if they are to be put in. */
static char *direct_text(const struct rules *rules, const char *before, const char *end, bool put)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out == NULL)
		return NULL;
	int failed = 0;
	print_others(rules, out, before, end);
	if (put)
		failed =
		    print_family(rules, out, RULESET_V4) | print_family(rules, out, RULESET_V6);
	fputs(end, out);
	if (fclose(out) == 0 && failed == 0)
		return text;
	free(text);
	return NULL;
}

static int edit_direct(const struct rules *rules, struct edits *edits, bool put,
		       struct error *error)
{
	static const char none[] =
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<direct>\n" END "\n";
	char *before = edits_text(RULES_FIREWALLD_DIRECT, error);
	if (before == NULL)
		return -1;
	const char *old = *before == '\0' ? none : before, *end = strstr(old, END);
	if (end == NULL) {
		free(before);
		return error_set(error,
				 "%s has no %s: firewalld can't read it, or its end is to be "
				 "written so",
				 RULES_FIREWALLD_DIRECT, END);
	}
	char *text = direct_text(rules, old, end, put);
	int result = 0;
	if (text == NULL)
		result = error_set(error, "out of memory");
	else if (strcmp(text, old) != 0)
		result = edits_file(edits, RULES_FIREWALLD_DIRECT,
				    strcmp(text, none) == 0 ? NULL : text, error);
	free(text);
	free(before);
	return result;
}

/* As posternd makes it (RULES_SET): a rule on a set can't be loaded before there is the set. A file that
 * is not as we write it is somebody else's, and stays. */
static int edit_set(struct edits *edits, const char *set, const char *family, bool put,
		    struct error *error)
{
	char path[EDITS_PATH], text[400];
	snprintf(path, sizeof path, "/etc/firewalld/ipsets/%s.xml", set);
	snprintf(text, sizeof text,
		 "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		 "<ipset type=\"hash:ip,port\">\n"
		 "  <option name=\"family\" value=\"%s\"/>\n"
		 "  <option name=\"timeout\" value=\"%d\"/>\n"
		 "  <option name=\"maxelem\" value=\"%d\"/>\n"
		 "</ipset>\n",
		 family, IPSET_SECONDS, IPSET_ELEMENTS);
	char *before = edits_text(path, error);
	int result = before == NULL ? -1 : 0;
	if (result == 0 && strcmp(before, put ? "" : text) == 0)
		result = edits_file(edits, path, put ? text : NULL, error);
	free(before);
	return result;
}

int rules_firewalld(const struct rules *rules, struct edits *edits, bool put, struct error *error)
{
	const struct config *config = rules->config;
	if (edit_direct(rules, edits, put, error) != 0)
		return -1;
	if (config->firewall != CONFIG_IPSET)
		return 0;
	return edit_set(edits, config->set4, "inet", put, error) == 0 &&
		       edit_set(edits, config->set6, "inet6", put, error) == 0
		   ? 0
		   : -1;
}

bool rules_firewalld_has(void)
{
	return edits_has(RULES_FIREWALLD_DIRECT, "chain=\"POSTERN-");
}
