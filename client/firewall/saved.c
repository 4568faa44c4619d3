/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "effect.h"
#include "file.h"
#include "links.h"
#include "program.h"
#include "trial.h"

struct task {
	const struct saved_trial *trial;
	char *links; /* what makes the interfaces that the host has when it loads them, or null */
	char *later; /* what makes its others */
};

enum boot_kind saved_first(const struct saved *saved)
{
	enum boot_kind kind = 0;
	while (kind < BOOT_FILES && saved->wrong[kind][0] == '\0')
		kind++;
	return kind;
}

/* What is no file (a pipe, say) might never end. */
static bool is_there(const char *path)
{
	int fd = file_open(path, NULL);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
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

static bool run_nft(const char *option, char wrong[static SAVED_TEXT], const char *path,
		    const char *text)
{
	const char *file = text == NULL ? path : "-";
	wrong[0] = '\0';
	return run(wrong, (const char *const[]){"nft", option, file, NULL}, text);
}

static bool run_nft_with(const char *links, char wrong[static SAVED_TEXT], const char *path,
			 const char *text)
{
	return links_make(links) && run_nft("-f", wrong, path, text);
}

enum result { LOADED, LATER, REFUSED };

/* Rules may name an interface by the number that it has, or its hook: then it has to be there. */
static enum result load_nft(const struct task *task, char wrong[static SAVED_TEXT],
			    const char *path, const char *text)
{
	char with_all[SAVED_TEXT];
	if (run_nft("-f", wrong, path, text) || run_nft_with(task->links, wrong, path, text))
		return LOADED;
	if (!run_nft_with(task->later, with_all, path, text))
		return REFUSED;
	snprintf(with_all, sizeof with_all, "%s", wrong);
	snprintf(wrong, SAVED_TEXT,
		 "it names an interface that is made later (iif and oif ask for it, iifname and "
		 "oifname do not): %.240s",
		 with_all);
	return LATER;
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
		if (path == NULL || !is_there(path))
			continue;
		if (store->nft)
			load_nft(task, unwanted, path, NULL);
		else
			load_iptables(task->trial, kind, unwanted, path);
	}
}

static void add_wrong(char wrong[static SAVED_TEXT], const char *text)
{
	size_t used = strlen(wrong);
	snprintf(wrong + used, SAVED_TEXT - used, "%s%s", used > 0 ? "; " : "", text);
}

/* What is wrong then and is not now. What lets others in comes first. */
static void look_for_effects(const struct saved_trial *trial, const struct look *then,
			     char wrong[static SAVED_TEXT], uint8_t family)
{
	static const enum effect_kind kinds[] = {EFFECT_STRANGER, EFFECT_KNOCK, EFFECT_GRANT,
						 EFFECT_SESSION, EFFECT_LEFT};
	const struct config *config = trial->rules->config;
	const struct look *now = trial->rules->look;
	struct effect effect, unwanted;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (effect_wrong_over(&effect, kinds[i], then, config, family) &&
		    !effect_wrong_over(&unwanted, kinds[i], now, config, family))
			add_wrong(wrong, effect.text);
}

/* A knock may be logged to one of its groups, and not to another. */
static void look_for_groups(const struct saved_trial *trial, const struct look *then,
			    char wrong[static SAVED_TEXT], uint8_t family)
{
	const struct config *config = trial->rules->config;
	const struct source_config *source = rules_nflog(config);
	for (uint32_t i = 0; source != NULL && i < source->n_groups && wrong[0] == '\0'; i++)
		if (!effect_logs_to(then, config, source->groups[i], family) &&
		    effect_logs_to(trial->rules->look, config, source->groups[i], family))
			snprintf(wrong, SAVED_TEXT,
				 "no rule logs knocks over IPv%d to the NFLOG group %u",
				 family == RULESET_V4 ? 4 : 6, source->groups[i]);
}

/* Not that the doors do otherwise then; but who lost a key would be, too. */
static void look_for_way(const struct saved_trial *trial, const struct look *then,
			 char lost[static SAVED_TEXT], uint8_t family)
{
	const struct config *config = trial->rules->config;
	const struct look *now = trial->rules->look;
	const struct ruleset_rule *rule = effect_second_way(now, config, family);
	char text[LOOK_RULE];
	if (config->firewall == CONFIG_NONE || rule == NULL ||
	    effect_second_way(then, config, family) != NULL)
		return;
	look_tell(text, &now->ruleset.chains[rule->chain], rule);
	snprintf(lost, SAVED_TEXT,
		 "the second way in over IPv%d, by which an address is always let in, is not in it "
		 "(%s)",
		 family == RULESET_V4 ? 4 : 6, text);
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

/* Of what is not loaded that is what is wrong. */
static void look_then(const struct saved_trial *trial, struct saved *saved)
{
	bool nft = trial->store->nft;
	bool loaded[BOOT_FILES];
	uint8_t families[2];
	size_t n = look_families(families);
	struct look then;
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++)
		loaded[kind] = saved->wrong[kind][0] == '\0';
	if (look_read(&then, NULL) == 0) {
		for (size_t i = 0; i < n; i++) {
			enum boot_kind kind = i == 0 || nft ? BOOT_V4 : BOOT_V6;
			char *wrong = saved->wrong[kind];
			if (!loaded[kind])
				continue;
			look_for_effects(trial, &then, wrong, families[i]);
			look_for_groups(trial, &then, wrong, families[i]);
			look_for_way(trial, &then, saved->lost[kind], families[i]);
		}
		if (!nft)
			look_for_sets(trial, &then, saved);
	}
	look_free(&then);
}

/* Rules of iptables say themselves whether they need sets; but what sets are saved are loaded anyway. */
static bool is_wanted(const struct saved_trial *trial, enum boot_kind kind,
		      char wrong[static SAVED_TEXT])
{
	const char *path = trial->store->files[kind].path;
	bool there = path != NULL && (trial->text != NULL || is_there(path));
	bool needed = boot_is_asked(trial->rules, trial->store, kind);
	if (needed && !there)
		snprintf(wrong, SAVED_TEXT, "it is not there");
	return there && (needed || kind == BOOT_SETS);
}

static void load_one(const struct task *task, enum boot_kind kind, struct saved *saved)
{
	const struct saved_trial *trial = task->trial;
	const char *path = trial->store->files[kind].path;
	char *wrong = saved->wrong[kind];
	if (trial->store->nft) {
		enum result result = load_nft(task, wrong, path, trial->text);
		saved->refused = result == REFUSED;
		saved->later = result == LATER;
	} else
		load_iptables(trial, kind, wrong, path);
	/* What is put into the file is not at fault then, if it is one: somebody may have it loaded later. */
	if (!boot_is_asked(trial->rules, trial->store, kind) ||
	    (saved->later && trial->text != NULL))
		wrong[0] = '\0';
}

static void load(const void *context, int line)
{
	const struct task *task = context;
	struct saved saved = {.refused = false};
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++)
		if (is_wanted(task->trial, kind, saved.wrong[kind]))
			load_one(task, kind, &saved);
	/* Whether a card can take rules over is seen with that card only. */
	if (saved.refused && strstr(saved.wrong[BOOT_V4], "Operation not supported") != NULL)
		return;
	load_beside(task);
	if (!saved.refused)
		look_then(task->trial, &saved);
	file_write(line, &saved, sizeof saved);
}

static bool is_any(const void *context, const struct ruleset_chain *chain,
		   const struct ruleset_rule *rule)
{
	(void)context, (void)chain, (void)rule;
	return true;
}

static void compare_beside(const void *context, int line)
{
	const struct task *task = context;
	struct common common = {.any = false};
	struct look then;
	load_beside(task);
	if (look_read(&then, NULL) == 0)
		common_look(&common, &then.ruleset, &task->trial->rules->look->ruleset, is_any,
			    NULL);
	look_free(&then);
	file_write(line, &common, sizeof common);
}

/* ---- here */

/* Are the words there, at least? */
static void look_at_words(const struct saved_trial *trial, struct saved *saved)
{
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++)
		if (is_wanted(trial, kind, saved->wrong[kind]) && kind != BOOT_SETS &&
		    trial->text == NULL && !boot_names_ours(trial->store, kind))
			snprintf(saved->wrong[kind], SAVED_TEXT, "no rule of Postern's is in it");
}

/* Where there is no answer of a trial. nft, when it only checks, resets what it is told to. */
static void look_here(const struct saved_trial *trial, struct saved *saved)
{
	char *wrong = saved->wrong[BOOT_V4];
	const char *path = trial->store->files[BOOT_V4].path;
	saved->refused = trial->store->nft && is_wanted(trial, BOOT_V4, wrong) &&
			 !edits_found(path, "reset ") && !run_nft("-cf", wrong, path, trial->text);
	if (!saved->refused)
		look_at_words(trial, saved);
}

static size_t ask(void (*act)(const void *context, int line), const struct saved_trial *trial,
		  void *answer, size_t size)
{
	bool nft = trial->store->nft || (trial->beside != NULL && trial->beside->nft);
	struct task task = {.trial = trial};
	if (nft) {
		task.links = links_print(LINKS_NOW);
		task.later = links_print(LINKS_LATER);
	}
	size_t got = trial_ask(act, &task, answer, size);
	free(task.links);
	free(task.later);
	return got;
}

void saved_look(struct saved *saved, const struct saved_trial *trial)
{
	if (ask(load, trial, saved, sizeof *saved) != sizeof *saved) {
		*saved = (struct saved){0};
		look_here(trial, saved);
	}
	if (saved->wrong[BOOT_SETS][0] != '\0')
		saved->wrong[BOOT_V4][0] = saved->wrong[BOOT_V6][0] = '\0';
}

bool saved_is_in_force(const struct saved_trial *trial)
{
	struct common common = {.shared = true};
	ask(compare_beside, trial, &common, sizeof common);
	return common.shared;
}

/* ---- was it loaded at all? */

struct own {
	struct saved saved;
	struct common common; /* rules of the host's own */
};

struct question {
	const struct saved_trial *trial;
	bool leading; /* those that lead to other chains; or the others, and policies */
};

static bool leads(const struct saved_trial *trial, const struct ruleset_chain *chain,
		  const struct ruleset_rule *rule)
{
	struct rule_packet packet = {.family =
					 chain->families & RULESET_V4 ? RULESET_V4 : RULESET_V6};
	struct rule_sense sense;
	rule_read(&sense, chain, rule->text, &packet, trial->rules->config);
	return sense.verdict == RULE_JUMP || sense.verdict == RULE_GOTO;
}

static bool is_own(const void *context, const struct ruleset_chain *chain,
		   const struct ruleset_rule *rule)
{
	const struct question *question = context;
	const struct saved_trial *trial = question->trial;
	if (chain->hook != RULESET_INPUT || chain->maker != trial->rules->keeper ||
	    strstr(chain->table, "f2b") != NULL)
		return false;
	return rule == NULL ||
	       (!look_is_ours(chain, rule) && leads(trial, chain, rule) == question->leading);
}

/* Programs that start by themselves (fail2ban) put rules there that lead to chains of theirs: these are the last
 * to go by. */
static void compare_own(const void *context, int line)
{
	const struct task *task = context;
	const struct saved_trial *trial = task->trial;
	struct own own = {.common = {.any = false}};
	struct look then;
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++) {
		char missing[SAVED_TEXT];
		if (is_wanted(trial, kind, missing))
			load_one(task, kind, &own.saved);
	}
	if (own.saved.later) /* by now they have been made */
		own.saved.wrong[BOOT_V4][0] = '\0';
	if (look_read(&then, NULL) == 0)
		for (int leading = 0; leading < 2 && !own.common.any; leading++)
			common_look(&own.common, &then.ruleset, &trial->rules->look->ruleset,
				    is_own,
				    &(struct question){.trial = trial, .leading = leading == 1});
	look_free(&then);
	/* Of a file that is not taken nothing is known. */
	if (!own.common.shared && saved_first(&own.saved) != BOOT_FILES) {
		own.common.any = true;
		own.common.shared = trial->rules->look->holds[trial->rules->keeper];
	}
	file_write(line, &own, sizeof own);
}

bool saved_is_unloaded(struct saved *saved, const struct saved_trial *trial)
{
	struct own own;
	if (ask(compare_own, trial, &own, sizeof own) != sizeof own)
		own = (struct own){.common = {
				       .any = trial->store->nft ||
					      edits_found(trial->store->files[BOOT_V4].path, "-A "),
				       .shared = trial->rules->look->holds[trial->rules->keeper],
				   }};
	*saved = own.saved;
	return own.common.any && !own.common.shared;
}
