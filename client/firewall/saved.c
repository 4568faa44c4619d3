/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "saved.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "effect.h"
#include "file.h"
#include "program.h"
#include "trial.h"

struct task {
	const struct saved_trial *trial;
	char *links; /* what makes the host's interfaces, or null */
};

enum boot_kind saved_first(const struct saved *saved)
{
	enum boot_kind kind = 0;
	while (kind < BOOT_FILES && saved->wrong[kind][0] == '\0')
		kind++;
	return kind;
}

/* ---- in the network of its own */

/* False: it is not loaded, as wrong says then. */
static bool run(char wrong[static SAVED_TEXT], const char *const *argv, const char *input)
{
	struct program_output output;
	struct error error;
	int status = program_run(&output, argv, input, PROGRAM_MOST, &error);
	if (status != 0)
		snprintf(wrong, SAVED_TEXT, "%s does not load it: %s", argv[0],
			 status < 0 ? error.text : output.said);
	program_free(&output);
	return status == 0;
}

static bool run_nft(char wrong[static SAVED_TEXT], const char *path, const char *text, bool check)
{
	const char *file = text == NULL ? path : "-";
	return run(wrong, (const char *const[]){"nft", check ? "-cf" : "-f", file, NULL}, text);
}

/* Rules may name an interface by the number that it has, or its hook: then it has to be there. */
static bool load_nft(const char *links, char wrong[static SAVED_TEXT], const char *path,
		     const char *text)
{
	static const char *const make_links[] = {"ip", "-force", "-batch", "-", NULL};
	if (run_nft(wrong, path, text, false))
		return true;
	if (links == NULL)
		return false;
	program_run(NULL, make_links, links, PROGRAM_MOST, NULL);
	if (!run_nft(wrong, path, text, false))
		return false;
	wrong[0] = '\0';
	return true;
}

static void load_iptables(const struct saved_trial *trial, enum boot_kind kind,
			  char wrong[static SAVED_TEXT], const char *path)
{
	char restore[LOOK_COMMAND];
	const struct look *look = trial->rules->look;
	bool plain = trial->loader == look->plain || trial->loader == RULESET_NFT;
	look_command(restore, plain ? "iptables" : look->commands[trial->loader],
		     kind == BOOT_V6 ? RULESET_V6 : RULESET_V4, "-restore");
	if (kind == BOOT_SETS)
		run(wrong, (const char *const[]){"ipset", "-exist", "restore", "-file", path, NULL},
		    NULL);
	else
		run(wrong, (const char *const[]){restore, path, NULL}, NULL);
}

/* What of it can't be loaded is not what is looked for. */
static void load_beside(const struct task *task)
{
	const struct boot_store *store = task->trial->beside;
	char unwanted[SAVED_TEXT];
	for (enum boot_kind kind = 0; store != NULL && kind < BOOT_FILES; kind++) {
		const char *path = store->files[kind].path;
		if (path == NULL || access(path, F_OK) != 0)
			continue;
		if (store->nft)
			load_nft(task->links, unwanted, path, NULL);
		else
			load_iptables(task->trial, kind, unwanted, path);
	}
}

/* What is wrong then and is not now. */
static void look_for_effects(const struct saved_trial *trial, const struct look *then,
			     char wrong[static SAVED_TEXT], uint8_t family)
{
	const struct config *config = trial->rules->config;
	const struct look *now = trial->rules->look;
	const struct source_config *source = rules_nflog(config);
	struct effect effect, unwanted;
	for (enum effect_kind kind = EFFECT_KNOCK; kind <= EFFECT_SESSION; kind++)
		if (wrong[0] == '\0' && effect_wrong_over(&effect, kind, then, config, family) &&
		    !effect_wrong_over(&unwanted, kind, now, config, family))
			snprintf(wrong, SAVED_TEXT, "%s", effect.text);
	for (uint32_t i = 0; source != NULL && i < source->n_groups && wrong[0] == '\0'; i++)
		if (!effect_logs_to(then, config, source->groups[i], family) &&
		    effect_logs_to(now, config, source->groups[i], family))
			snprintf(wrong, SAVED_TEXT,
				 "no rule logs knocks over IPv%d to the NFLOG group %u",
				 family == RULESET_V4 ? 4 : 6, source->groups[i]);
}

/* Without its sets no rule of iptables is loaded: that is what is wrong then. */
static void look_for_sets(const struct saved_trial *trial, const struct look *then,
			  struct saved *saved)
{
	const struct config *config = trial->rules->config;
	const char *sets[] = {config->set4, config->set6};
	uint8_t families[2];
	size_t n = look_families(families);
	if (config->firewall != CONFIG_IPSET || saved->wrong[BOOT_SETS][0] != '\0')
		return;
	for (size_t i = n; i-- > 0;)
		if (!look_has_set(then, sets[i]))
			snprintf(saved->wrong[BOOT_SETS], SAVED_TEXT,
				 "the set %s is not in it, without which no rule is loaded",
				 sets[i]);
}

static void look_then(const struct saved_trial *trial, struct saved *saved)
{
	bool nft = trial->store->nft;
	uint8_t families[2];
	size_t n = look_families(families);
	struct look then;
	if (look_read(&then, NULL) == 0) {
		for (size_t i = 0; i < n; i++)
			look_for_effects(trial, &then,
					 saved->wrong[i == 0 || nft ? BOOT_V4 : BOOT_V6],
					 families[i]);
		if (!nft)
			look_for_sets(trial, &then, saved);
	}
	look_free(&then);
}

static bool is_there(const struct saved_trial *trial, enum boot_kind kind,
		     char wrong[static SAVED_TEXT])
{
	if (trial->text != NULL || access(trial->store->files[kind].path, F_OK) == 0)
		return true;
	snprintf(wrong, SAVED_TEXT, "it is not there");
	return false;
}

static void load(const void *context, int line)
{
	const struct task *task = context;
	const struct saved_trial *trial = task->trial;
	struct saved saved = {.refused = false};
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++) {
		char *wrong = saved.wrong[kind];
		const char *path = trial->store->files[kind].path;
		if (!boot_is_needed(trial->rules, trial->store, kind) ||
		    !is_there(trial, kind, wrong))
			continue;
		if (trial->store->nft)
			saved.refused = !load_nft(task->links, wrong, path, trial->text);
		else
			load_iptables(trial, kind, wrong, path);
	}
	load_beside(task);
	if (!saved.refused)
		look_then(trial, &saved);
	file_write(line, &saved, sizeof saved);
}

/* ---- here */

/* "link add name eth0 type veth", which any kernel has, for each. To be freed; null: there are none. */
static char *print_links(void)
{
	char *text = NULL;
	size_t size;
	struct if_nameindex *list = if_nameindex();
	FILE *out = list == NULL ? NULL : open_memstream(&text, &size);
	for (size_t i = 0; out != NULL && list[i].if_index != 0; i++)
		if (strcmp(list[i].if_name, "lo") != 0)
			fprintf(out, "link add name %s type veth\n", list[i].if_name);
	if (out != NULL)
		fclose(out);
	if_freenameindex(list);
	return text;
}

/* Are the words there, at least? */
static void look_at_words(const struct saved_trial *trial, struct saved *saved)
{
	const char *words = trial->store->nft ? RULE_NFT_CHAIN : "-j " RULE_CHAIN;
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++)
		if (boot_is_needed(trial->rules, trial->store, kind) &&
		    is_there(trial, kind, saved->wrong[kind]) && kind != BOOT_SETS &&
		    trial->text == NULL && !edits_has(trial->store->files[kind].path, words))
			snprintf(saved->wrong[kind], SAVED_TEXT, "no rule of Postern's is in it");
}

/* Where no trial can be made, or nft's file may ask for what only the host has. */
static void look_here(const struct saved_trial *trial, struct saved *saved)
{
	char *wrong = saved->wrong[BOOT_V4];
	const char *path = trial->store->files[BOOT_V4].path;
	saved->refused = trial->store->nft && is_there(trial, BOOT_V4, wrong) &&
			 !run_nft(wrong, path, trial->text, true);
	if (!saved->refused)
		look_at_words(trial, saved);
}

void saved_look(struct saved *saved, const struct saved_trial *trial)
{
	bool nft = trial->store->nft || (trial->beside != NULL && trial->beside->nft);
	struct task task = {.trial = trial, .links = nft ? print_links() : NULL};
	if (trial_ask(load, &task, saved, sizeof *saved) != sizeof *saved || saved->refused) {
		*saved = (struct saved){0};
		look_here(trial, saved);
	}
	free(task.links);
	if (saved->wrong[BOOT_SETS][0] != '\0')
		saved->wrong[BOOT_V4][0] = saved->wrong[BOOT_V6][0] = '\0';
}
