/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "placing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"
#include "file.h"
#include "links.h"
#include "program.h"
#include "trial.h"

struct task {
	const struct rules *parts;
	size_t n;
	const char *text;
	char *links; /* what makes the host's interfaces, which rules may name by their number */
};

static bool load(const struct task *task)
{
	static const char *const load[] = {"nft", "-f", "-", NULL};
	if (program_run(NULL, load, task->text, PROGRAM_MOST, NULL) == 0)
		return true;
	return links_make(task->links) &&
	       program_run(NULL, load, task->text, PROGRAM_MOST, NULL) == 0;
}

/* As the host has it, in general: else a person has to look at the file first. */
static bool is_alike(const struct ruleset_chain *then, const struct ruleset_chain *now)
{
	return now != NULL && strcmp(then->name, now->name) == 0 && then->drops == now->drops &&
	       (then->count > 0 || now->count <= 1);
}

static void place(struct placing *placing, struct rules part, const struct look *then)
{
	uint8_t family = (part.families & RULESET_V4) != 0 ? RULESET_V4 : RULESET_V6;
	struct rules_place now = rules_find_place(&part, family), found;
	part.look = then;
	found = rules_find_place(&part, family);
	if (found.chain == NULL || !is_alike(found.chain, now.chain))
		return;
	snprintf(placing->chain, PLACING_CHAIN, "%s", found.chain->name);
	placing->number = found.number;
}

static void load_and_place(const void *context, int line)
{
	const struct task *task = context;
	struct placing places[2] = {{.number = 0}};
	struct look then;
	if (!load(task))
		return;
	if (look_read(&then, NULL) == 0)
		for (size_t i = 0; i < task->n; i++)
			place(&places[i], task->parts[i], &then);
	look_free(&then);
	file_write(line, places, sizeof places);
}

void placing_in_file(struct placing places[static 2], const struct rules parts[static 2], size_t n)
{
	const char *path = boot_store(RULESET_NFT)->files[BOOT_V4].path;
	struct edits rest = {.count = 0};
	struct placing found[2];
	bool without = edits_block(&rest, path, NULL, NULL, NULL, NULL) == 0;
	char *whole = without && rest.count == 0 ? edits_text(path, NULL) : NULL;
	struct task task = {.parts = parts,
			    .n = n,
			    .text = rest.count > 0 ? rest.list[0].after : whole,
			    .links = links_print(LINKS_ALL)};
	if (task.text != NULL &&
	    trial_ask(load_and_place, &task, found, sizeof found) == sizeof found)
		memcpy(places, found, sizeof found);
	free(task.links);
	free(whole);
	edits_free(&rest);
}
