/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common.h"

#include <string.h>

/* But for what has been counted meanwhile: "counter packets 12 bytes 345". */
static bool is_same(const char *a, const char *b)
{
	static const char *const counts[] = {"packets ", "bytes "};
	while (*a != '\0' && *a == *b) {
		size_t word = 0;
		for (size_t i = 0; i < 2; i++)
			if (strncmp(a, counts[i], strlen(counts[i])) == 0 &&
			    strncmp(b, counts[i], strlen(counts[i])) == 0)
				word = strlen(counts[i]);
		a += word == 0 ? 1 : word + strspn(a + word, "0123456789");
		b += word == 0 ? 1 : word + strspn(b + word, "0123456789");
	}
	return *a == *b;
}

static bool has_rule(const struct ruleset *ruleset, const struct ruleset_chain *chain,
		     const char *text)
{
	const struct ruleset_rule *rule = ruleset_first(ruleset, chain);
	while (rule != NULL && !is_same(rule->text, text))
		rule = ruleset_next(ruleset, rule);
	return rule != NULL;
}

void common_look(struct common *common, const struct ruleset *first, const struct ruleset *other,
		 bool (*counts)(const void *context, const struct ruleset_chain *chain,
				const struct ruleset_rule *rule),
		 const void *context)
{
	*common = (struct common){.any = false};
	for (uint32_t i = 0; i < first->n_chains; i++) {
		const struct ruleset_chain *a = &first->chains[i];
		const struct ruleset_chain *b =
		    ruleset_find(other, a->maker, a->families, a->table, a->name);
		const struct ruleset_rule *rule = ruleset_first(first, a);
		bool drops = a->drops && counts(context, a, NULL);
		common->any |= drops;
		common->shared |= drops && b != NULL && b->drops;
		for (; rule != NULL; rule = ruleset_next(first, rule)) {
			if (!counts(context, a, rule))
				continue;
			common->any = true;
			common->shared |= b != NULL && has_rule(other, b, rule->text);
		}
	}
}

bool common_has(const struct ruleset *ruleset, enum ruleset_maker maker,
		const struct ruleset_chain *chain, const struct ruleset_rule *rule)
{
	const struct ruleset_chain *same =
	    ruleset_find(ruleset, maker, chain->families, chain->table, chain->name);
	if (same == NULL)
		return false;
	return rule == NULL ? same->drops : has_rule(ruleset, same, rule->text);
}
