/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ruleset.h"

#include <stdlib.h>
#include <string.h>

#include "quote.h"

enum { PRIORITY_RAW = -300, PRIORITY_MANGLE = -150, PRIORITY_SECURITY = 50 };

static const char no_memory[] = "the host's rules are more than fit into memory";

void ruleset_free(struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->n_texts; i++)
		free(ruleset->texts[i]);
	free(ruleset->chains);
	free(ruleset->rules);
	*ruleset = (struct ruleset){0};
}

static int keep_text(struct ruleset *ruleset, char *text, struct error *error)
{
	if (ruleset->n_texts == sizeof ruleset->texts / sizeof *ruleset->texts) {
		free(text);
		return error_set(error, "%s", no_memory);
	}
	ruleset->texts[ruleset->n_texts++] = text;
	return 0;
}

/* Room for one more; doubles at powers of two. Null: no memory, or too many. */
static void *grown(void *list, uint32_t count, size_t size, uint32_t most)
{
	if (count >= most)
		return NULL;
	if (count > 0 && (count & (count - 1)) != 0)
		return list;
	return realloc(list, (count == 0 ? 1 : (size_t)count * 2) * size);
}

static struct ruleset_chain *add_chain(struct ruleset *ruleset, const struct ruleset_chain *chain)
{
	void *list =
	    grown(ruleset->chains, ruleset->n_chains, sizeof *ruleset->chains, RULESET_CHAINS);
	if (list == NULL)
		return NULL;
	ruleset->chains = list;
	struct ruleset_chain *made = &ruleset->chains[ruleset->n_chains++];
	*made = *chain;
	made->first = made->last = RULESET_NONE;
	made->count = 0;
	return made;
}

static int add_rule(struct ruleset *ruleset, struct ruleset_chain *chain,
		    const struct ruleset_rule *rule)
{
	void *list = grown(ruleset->rules, ruleset->n_rules, sizeof *ruleset->rules, RULESET_MOST);
	if (list == NULL)
		return -1;
	ruleset->rules = list;
	uint32_t at = ruleset->n_rules++;
	if (chain->first == RULESET_NONE)
		chain->first = at;
	else
		ruleset->rules[chain->last].next = at;
	chain->last = at;
	struct ruleset_rule *made = &ruleset->rules[at];
	*made = *rule;
	made->chain = (uint32_t)(chain - ruleset->chains);
	made->number = ++chain->count;
	made->next = RULESET_NONE;
	return 0;
}

static struct ruleset_chain *find(const struct ruleset *ruleset, enum ruleset_maker maker,
				  uint8_t family, const char *table, const char *name)
{
	for (uint32_t i = ruleset->n_chains; i-- > 0;) {
		struct ruleset_chain *chain = &ruleset->chains[i];
		if (chain->maker == maker && (chain->families & family) != 0 &&
		    strcmp(chain->name, name) == 0 && strcmp(chain->table, table) == 0)
			return chain;
	}
	return NULL;
}

const struct ruleset_chain *ruleset_find(const struct ruleset *ruleset, enum ruleset_maker maker,
					 uint8_t family, const char *table, const char *name)
{
	return find(ruleset, maker, family, table, name);
}

const struct ruleset_rule *ruleset_first(const struct ruleset *ruleset,
					 const struct ruleset_chain *chain)
{
	return chain->first == RULESET_NONE ? NULL : &ruleset->rules[chain->first];
}

const struct ruleset_rule *ruleset_next(const struct ruleset *ruleset,
					const struct ruleset_rule *rule)
{
	return rule->next == RULESET_NONE ? NULL : &ruleset->rules[rule->next];
}

/* The line at *text, which is ended in place; null after the last. A string may hold newlines. */
static char *take_line(char **text, bool nft)
{
	char *line = *text;
	if (line == NULL || *line == '\0')
		return NULL;
	const char *at = line;
	while (*at != '\0' && *at != '\n')
		at = quote_step(line, at, nft);
	size_t length = (size_t)(at - line);
	*text = line[length] == '\0' ? line + length : line + length + 1;
	line[length] = '\0';
	return line;
}

/* The word at *line, up to a blank, ended in place; null after the last. */
static char *take_word(char **line)
{
	char *word = *line + strspn(*line, " \t");
	if (*word == '\0')
		return NULL;
	size_t length = strcspn(word, " \t");
	*line = word[length] == '\0' ? word + length : word + length + 1;
	word[length] = '\0';
	return word;
}

/* ---- iptables-save ---- */

/* What is on the way in. nat decides nothing there. */
static void hook_iptables(struct ruleset_chain *chain)
{
	static const struct {
		const char *table;
		int priority;
	} tables[] = {{"raw", PRIORITY_RAW},
		      {"mangle", PRIORITY_MANGLE},
		      {"filter", 0},
		      {"security", PRIORITY_SECURITY}};
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		if (strcmp(tables[i].table, chain->table) != 0)
			continue;
		chain->priority = tables[i].priority;
		if (strcmp(chain->name, "INPUT") == 0)
			chain->hook = RULESET_INPUT;
		else if (strcmp(chain->name, "PREROUTING") == 0)
			chain->hook = RULESET_PREROUTING;
	}
}

/* ":INPUT DROP [0:0]" */
static int iptables_chain(struct ruleset *ruleset, struct ruleset_chain chain, char *line)
{
	const char *policy;
	chain.name = take_word(&line);
	policy = take_word(&line);
	if (chain.name == NULL || policy == NULL)
		return 0;
	chain.drops = strcmp(policy, "DROP") == 0;
	if (strcmp(policy, "-") != 0)
		hook_iptables(&chain);
	chain.elsewhere = strcmp(policy, "-") != 0 && strcmp(chain.name, "PREROUTING") != 0 &&
			  strcmp(chain.name, "INPUT") != 0;
	return add_chain(ruleset, &chain) == NULL ? -1 : 0;
}

/* "-A INPUT -p tcp -j ACCEPT", maybe with "[0:0]" before it */
static int iptables_rule(struct ruleset *ruleset, const struct ruleset_chain *table, char *line)
{
	const char *counters = *line == '[' ? take_word(&line) : NULL;
	const char *append = take_word(&line), *name = take_word(&line);
	if (append == NULL || name == NULL || strcmp(append, "-A") != 0)
		return 0;
	struct ruleset_chain *chain =
	    find(ruleset, table->maker, table->families, table->table, name);
	const struct ruleset_rule rule = {.text = line, .counters = counters};
	return chain == NULL ? 0 : add_rule(ruleset, chain, &rule);
}

int ruleset_add_iptables(struct ruleset *ruleset, char *text, enum ruleset_maker maker,
			 uint8_t family, struct error *error)
{
	struct ruleset_chain table = {.maker = maker, .families = family};
	if (keep_text(ruleset, text, error) != 0)
		return -1;
	for (char *line; (line = take_line(&text, false)) != NULL;) {
		int result = 0;
		if (*line == '*')
			table.table = line + 1;
		else if (*line == ':' && table.table != NULL)
			result = iptables_chain(ruleset, table, line + 1);
		else if ((*line == '-' || *line == '[') && table.table != NULL)
			result = iptables_rule(ruleset, &table, line);
		if (result != 0)
			return error_set(error, "%s", no_memory);
	}
	return 0;
}

/* ---- nft -a list ruleset ---- */

/* Where we are in its blocks: table { chain { rules } }. */
struct nft {
	struct ruleset *ruleset;
	struct ruleset_chain table; /* and its chain, once one is begun */
	uint32_t chain;             /* its place (or a set's), or RULESET_NONE */
	int depth;
	bool left_out; /* of neither family */
	bool dormant;  /* its chains are asked by nothing */
};

/* "# handle 7" at the end, which is cut off. */
static uint64_t take_handle(char *line)
{
	static const char mark[] = " # handle ";
	char *at = NULL;
	for (char *next = line; (next = strstr(next, mark)) != NULL; next++)
		at = next;
	if (at == NULL)
		return 0;
	*at = '\0';
	return strtoull(at + sizeof mark - 1, NULL, 10);
}

/* Braces outside of strings: how many more are opened than closed. */
static int braces(const char *line)
{
	int depth = 0;
	for (const char *at = line; *at != '\0'; at = quote_step(line, at, true))
		depth += (*at == '{') - (*at == '}');
	return depth;
}

/* A set within a rule may go on for lines; they become one. */
static char *take_statement(char **text, int *opened)
{
	char *line = take_line(text, true);
	if (line == NULL)
		return NULL;
	*opened = braces(line);
	char *end = line + strlen(line);
	size_t length = (size_t)(end - line);
	if (*opened <= 0 || (length > 0 && end[-1] == '{') || strstr(line, "{ # handle ") != NULL)
		return line;
	while (*opened > 0 && **text != '\0') {
		*end = ' ';
		char *more = take_line(text, true);
		*opened += braces(more);
		end = more + strlen(more);
	}
	return line;
}

/* "table inet filter {": its first entry is itself. */
static int nft_table(struct nft *nft, char *line)
{
	static const struct {
		const char *name;
		uint8_t families;
	} families[] = {{"ip", RULESET_V4}, {"ip6", RULESET_V6}, {"inet", RULESET_V4 | RULESET_V6}};
	char *start = line + strlen("table "), *rest = start;
	const char *family = take_word(&rest), *name = take_word(&rest);
	nft->table = (struct ruleset_chain){.maker = RULESET_NFT, .name = ""};
	nft->left_out = true;
	nft->dormant = false;
	if (family == NULL || name == NULL)
		return 0;
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strcmp(family, families[i].name) == 0) {
			nft->table.families = families[i].families;
			nft->left_out = false;
		}
	start[strlen(family)] = ' '; /* "inet filter" again */
	nft->table.table = start;
	return nft->left_out || add_chain(nft->ruleset, &nft->table) != NULL ? 0 : -1;
}

/* Chains of nftables' own may stand in a table that is called as one of iptables-nft's. */
static bool is_compat(const struct nft *nft, const char *name)
{
	const char *table = strchr(nft->table.table, ' ') + 1;
	const struct ruleset_chain *chain =
	    find(nft->ruleset, RULESET_COMPAT, nft->table.families, table, name);
	return chain != NULL && chain->families == nft->table.families;
}

static int priority_of(const char *word, const char *sign, const char *more)
{
	static const struct {
		const char *name;
		int priority;
	} names[] = {{"raw", PRIORITY_RAW}, {"mangle", PRIORITY_MANGLE},
		     {"dstnat", -100},      {"filter", 0},
		     {"security", 50},      {"srcnat", 100}};
	int priority = atoi(word);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(word, names[i].name, strlen(names[i].name)) == 0)
			priority = names[i].priority;
	if (sign != NULL && more != NULL && (*sign == '+' || *sign == '-'))
		priority += *sign == '+' ? atoi(more) : -atoi(more);
	return priority;
}

/* "type filter hook input priority filter + 10; policy drop;" */
static void nft_base(struct ruleset_chain *chain, char *line)
{
	char *words[12] = {NULL};
	size_t n = 0;
	chain->drops = strstr(line, "policy drop") != NULL;
	while (n < 11 && (words[n] = take_word(&line)) != NULL)
		n++;
	chain->elsewhere =
	    n < 4 || (strcmp(words[3], "prerouting") != 0 && strcmp(words[3], "input") != 0);
	if (n < 6 || (strcmp(words[1], "filter") != 0 && strcmp(words[1], "route") != 0))
		return;
	if (strcmp(words[3], "input") == 0)
		chain->hook = RULESET_INPUT;
	else if (strcmp(words[3], "prerouting") == 0)
		chain->hook = RULESET_PREROUTING;
	chain->priority = priority_of(words[5], words[6], n > 7 ? words[7] : NULL);
}

/* A word about the table, before all that it has. */
static int nft_about(struct nft *nft, char *line)
{
	if (*line == '\0' || *line == '#')
		return 0;
	nft->dormant |= strncmp(line, "flags ", 6) == 0 && strstr(line, "dormant") != NULL;
	nft->table.name = nft->dormant ? RULESET_DORMANT : line;
	return add_chain(nft->ruleset, &nft->table) == NULL ? -1 : 0;
}

/* What begins in a table: a chain, or something else that has a name. */
static int nft_begin(struct nft *nft, char *line)
{
	char *word = take_word(&line), *name = take_word(&line);
	nft->chain = RULESET_NONE;
	if (word == NULL || name == NULL)
		return 0;
	bool chain = strcmp(word, "chain") == 0;
	if (chain && is_compat(nft, name))
		return 0;
	if (strcmp(word, "set") == 0 || strcmp(word, "map") == 0)
		*--name = '@'; /* where the blank was */
	else if (!chain)
		name[-1] = ' ';
	bool read = chain || name[0] == '@';
	nft->table.name = read ? name : word;
	if (add_chain(nft->ruleset, &nft->table) == NULL)
		return -1;
	if (read)
		nft->chain = nft->ruleset->n_chains - 1;
	return 0;
}

static int nft_in_chain(struct nft *nft, char *line)
{
	static const char elements[] = "elements = ";
	struct ruleset_chain *chain = &nft->ruleset->chains[nft->chain];
	uint64_t handle = take_handle(line);
	if (chain->name[0] == '@') {
		if (strncmp(line, elements, strlen(elements)) == 0)
			chain->elements = line + strlen(elements);
		return 0;
	}
	if (strncmp(line, "type ", 5) == 0 && !nft->dormant)
		nft_base(chain, line);
	else if (strncmp(line, "policy ", 7) == 0)
		chain->drops = strstr(line, "drop") != NULL;
	else if (*line != '\0' && *line != '#' && *line != '}' &&
		 !(strncmp(line, "comment ", 8) == 0 && handle == 0)) {
		const struct ruleset_rule rule = {.text = line, .handle = handle};
		return add_rule(nft->ruleset, chain, &rule);
	}
	return 0;
}

static int nft_line(struct nft *nft, char *line, int opened)
{
	int depth = nft->depth, result = 0;
	nft->depth += opened;
	if (nft->depth < 0)
		nft->depth = 0;
	line += strspn(line, " \t");
	if (depth == 0 && strncmp(line, "table ", 6) == 0)
		result = nft_table(nft, line);
	else if (nft->left_out)
		result = 0;
	else if (depth == 1 && opened == 0)
		result = nft_about(nft, line);
	else if (depth == 1 && opened > 0)
		result = nft_begin(nft, line);
	else if (depth == 2 && opened == 0 && nft->chain != RULESET_NONE)
		result = nft_in_chain(nft, line);
	if (nft->depth < 2)
		nft->chain = RULESET_NONE;
	return result;
}

int ruleset_add_nft(struct ruleset *ruleset, char *text, struct error *error)
{
	struct nft nft = {.ruleset = ruleset, .chain = RULESET_NONE, .left_out = true};
	int opened = 0;
	if (keep_text(ruleset, text, error) != 0)
		return -1;
	for (char *line; (line = take_statement(&text, &opened)) != NULL;)
		if (nft_line(&nft, line, opened) != 0)
			return error_set(error, "%s", no_memory);
	return 0;
}
