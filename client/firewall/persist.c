/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "effect.h"
#include "lines.h"
#include "program.h"
#include "rules_nft.h"
#include "say.h"

const char *persist_file(const struct rules *rules)
{
	return boot_store(rules->keeper)->files[BOOT_V4].path;
}

bool persist_has_ours(const struct rules *rules)
{
	const struct ruleset *ruleset = &rules->look->ruleset;
	for (uint32_t i = 0; i < ruleset->n_chains; i++)
		if (ruleset->chains[i].maker == rules->keeper &&
		    strcmp(ruleset->chains[i].name,
			   rules->keeper == RULESET_NFT ? RULE_NFT_CHAIN : RULE_CHAIN) == 0)
			return true;
	return false;
}

const char *persist_still(const struct rules *rules)
{
	const struct boot_store *store = boot_store(rules->keeper);
	if (rules_have_files(rules) || persist_has_ours(rules))
		return NULL;
	for (enum boot_kind kind = BOOT_V4; kind <= BOOT_V6; kind++)
		if (store->files[kind].path != NULL && boot_names_ours(store, kind))
			return store->files[kind].path;
	return NULL;
}

/* ---- was it loaded at all? */

static bool find_unloaded(struct persist_unloaded *unloaded, const struct rules *rules)
{
	struct saved_trial trial = {
	    .rules = rules, .store = boot_store(rules->keeper), .loader = rules->keeper};
	const struct boot_file *files = trial.store->files;
	struct saved saved;
	if (rules_have_files(rules) || persist_has_ours(rules) ||
	    rules->look->commands[rules->keeper] == NULL || !saved_is_unloaded(&saved, &trial))
		return false;
	enum boot_kind kind = saved_first(&saved);
	bool can = kind == BOOT_FILES;
	unloaded->path = files[can ? BOOT_V4 : kind].path;
	snprintf(unloaded->wrong, SAVED_TEXT, "%s", can ? "" : saved.wrong[kind]);
	if (can)
		boot_load(unloaded->command, rules, trial.store);
	else
		snprintf(unloaded->command, BOOT_LOAD, "${EDITOR:-vi} %s", unloaded->path);
	snprintf(unloaded->advice, BOOT_LOAD, "%s first (%.240s), or remove it",
		 can ? "load it" : "put it right", can ? unloaded->command : unloaded->wrong);
	return true;
}

/* Who has other rules now has changed over to these. */
bool persist_is_unloaded(struct persist_unloaded *unloaded, const struct rules *rules)
{
	for (int maker = 0; maker < RULESET_MAKERS; maker++)
		if (rules->look->holds[maker] && maker != (int)rules->keeper)
			return false;
	return persist_still(rules) != NULL && find_unloaded(unloaded, rules);
}

/* With iptables all that there is becomes the file: nothing then. With nft Postern's lines would go out of it. */
static int check_any(const struct rules *rules, struct error *error)
{
	struct persist_unloaded unloaded;
	if (rules->look->holds[rules->keeper] || !find_unloaded(&unloaded, rules))
		return 0;
	return error_set(error, "this host has no rules now, but %s has: %s", unloaded.path,
			 unloaded.advice);
}

/* Of a file's rules, which the other kind of iptables is taken to have made. */
static bool would_be_lost(const void *context, const struct ruleset_chain *chain,
			  const struct ruleset_rule *rule)
{
	const struct rules *rules = context;
	return !rule_is_our_chain(chain->name) && !rule_is_knock_chain(chain->name) &&
	       (rule == NULL || !look_is_ours(chain, rule)) &&
	       !common_has(&rules->look->ruleset, rules->keeper, chain, rule);
}

static int check_file(const struct rules *rules, enum boot_kind kind, struct error *error)
{
	enum ruleset_maker other =
	    rules->keeper == RULESET_LEGACY ? RULESET_COMPAT : RULESET_LEGACY;
	const char *path = boot_store(rules->keeper)->files[kind].path;
	struct ruleset file = {.n_texts = 0};
	struct common common = {.any = false};
	char *text = path == NULL ? NULL : edits_text(path, NULL);
	if (text != NULL &&
	    ruleset_add_iptables(&file, text, other, kind == BOOT_V6 ? RULESET_V6 : RULESET_V4,
				 error) == 0)
		common_look(&common, &file, &rules->look->ruleset, would_be_lost, rules);
	ruleset_free(&file);
	return !common.shared
		   ? 0
		   : error_set(error,
			       "%s stays as it is: it has rules that %s has in force, and %s, "
			       "whose rules would be saved there, has not; have Postern's join "
			       "those of %s: posternctl firewall install; or put the file aside",
			       path, rules->look->commands[other], rules->command,
			       rules->look->commands[other]);
}

/* What is saved replaces what is in the files: that is not to be the only place of what the host goes by now. */
static int check_files(const struct rules *rules, struct error *error)
{
	for (enum boot_kind kind = BOOT_V4; kind <= BOOT_V6; kind++)
		if (check_file(rules, kind, error) != 0)
			return -1;
	return check_any(rules, error);
}

/* ---- to put it right */

/* Does it lead to our chain? */
static bool has_jump(const char *text)
{
	char *lines = strdup(text);
	bool has = false;
	if (lines == NULL)
		return false;
	lines_strip(lines, LINES_NFT);
	has = strstr(lines, "jump " RULE_NFT_CHAIN) != NULL ||
	      strstr(lines, "goto " RULE_NFT_CHAIN) != NULL;
	free(lines);
	return has;
}

/* What is not ours in the file may have the jump; two of them would be one too many. */
static int rest_has_jump(bool *has, const char *path, struct error *error)
{
	struct edits rest = {.count = 0};
	int result = edits_block(&rest, path, NULL, NULL, NULL, error);
	char *text = result == 0 && rest.count == 0 ? edits_text(path, error) : NULL;
	const char *seen = rest.count > 0 ? rest.list[0].after : text;
	*has = seen != NULL && has_jump(seen);
	free(text);
	edits_free(&rest);
	return seen == NULL ? -1 : 0;
}

/* The lines of nft stand at the end, after all that they are counted by. */
static int edit_nft(const struct rules *rules, struct edits *edits, struct error *error)
{
	const char *path = persist_file(rules);
	bool has;
	if (access(path, F_OK) != 0)
		return error_set(error,
				 "%s is not there: make it first, with the rules that this host is "
				 "to begin with (`posternctl doctor` tells with which)",
				 path);
	if (rest_has_jump(&has, path, error) != 0)
		return -1;
	char *lines = persist_has_ours(rules) ? rules_nft_file(rules, !has) : NULL;
	int result = edits_block(edits, path, lines, NULL, NULL, error);
	free(lines);
	return result;
}

/* nft has read it from its input: a line of that is nothing that anybody knows. */
static void name_line(char text[static SAVED_TEXT], const char *wrong, const char *path)
{
	static const char input[] = "/dev/stdin:";
	const char *at = strstr(wrong, input);
	unsigned line;
	int used = 0;
	snprintf(text, SAVED_TEXT, "%s", wrong);
	if (at != NULL && sscanf(at + strlen(input), "%u:%*[0-9-]:%n", &line, &used) == 1 &&
	    used > 0)
		snprintf(text, SAVED_TEXT, "%.*sline %u of what %s would be:%s", (int)(at - wrong),
			 wrong, line, path, at + strlen(input) + used);
}

/* Would the host have them again then? What stands in the file before the lines may be in their way. */
static int check_nft(const struct rules *rules, const struct edits *edits, struct error *error)
{
	const char *path = persist_file(rules);
	const char *text = edits->count > 0 ? edits->list[0].after : NULL;
	const struct saved_trial trial = {.rules = rules,
					  .store = boot_store(rules->keeper),
					  .loader = rules->keeper,
					  .text = text};
	char wrong[SAVED_TEXT];
	struct saved saved;
	bool ours = persist_has_ours(rules);
	if (!ours && persist_still(rules) != NULL &&
	    (text == NULL || strstr(text, RULE_NFT_CHAIN) != NULL))
		return error_set(error,
				 "%s has lines of Postern's that `posternctl firewall save` has "
				 "not put there: take them out",
				 path);
	if (!ours && !effect_works(rules->look, rules->config))
		return 0;
	saved_look(&saved, &trial);
	if (saved_first(&saved) == BOOT_FILES)
		return 0;
	if (!ours)
		return error_set(error,
				 "%s stays as it is, for the rules that are there now somebody has "
				 "made by hand, who is to put them there: %s",
				 path, saved.wrong[BOOT_V4]);
	name_line(wrong, saved.wrong[BOOT_V4], path);
	return error_set(error,
			 "%s stays as it is (`posternctl doctor` tells what to do), for with "
			 "Postern's lines in it: %s",
			 path, wrong);
}

/* What begins so is left out. */
static void leave_out(char *text, const char *beginning)
{
	size_t length = strlen(beginning);
	char *to = text;
	for (char *line = text; *line != '\0';) {
		char *end = line + strcspn(line, "\n");
		end += *end == '\n';
		if (strncmp(line, beginning, length) != 0) {
			memmove(to, line, (size_t)(end - line));
			to += end - line;
		}
		line = end;
	}
	*to = '\0';
}

/* A grant is not to be there again, nor are the sets once the rules that ask them were removed. */
static void leave_out_grants(char *text, const struct rules *rules)
{
	const struct config *config = rules->config;
	char set4[CONFIG_SET + 16], set6[CONFIG_SET + 16], chain[CONFIG_CHAIN + 16];
	bool ours = persist_has_ours(rules);
	for (int made = 0; made < (ours ? 1 : 2); made++) {
		const char *verb = made == 1 ? "create" : "add";
		snprintf(set4, sizeof set4, "%s %s ", verb, config->set4);
		snprintf(set6, sizeof set6, "%s %s ", verb, config->set6);
		leave_out(text, set4);
		leave_out(text, set6);
	}
	snprintf(chain, sizeof chain, "-A %s -", config->chain);
	leave_out(text, chain);
}

static int edit_rest(const struct rules *rules, struct edits *edits, const char *path, char *text,
		     struct error *error)
{
	leave_out_grants(text, rules);
	return edits_file(edits, path, text, error);
}

/* Where ipset is not installed any more, nothing tells what sets there are, and no rule asks for any: Postern's go
 * out of the file. */
static int edit_left(const struct rules *rules, struct edits *edits, const char *path,
		     struct error *error)
{
	char *text = edits_text(path, error);
	int result = text == NULL ? -1 : edit_rest(rules, edits, path, text, error);
	free(text);
	return result;
}

/* What the command prints becomes the file. */
static int edit_output(const struct rules *rules, struct edits *edits, const char *path,
		       const char *const *argv, struct error *error)
{
	struct program_output output;
	int status = program_run(&output, argv, NULL, PROGRAM_MOST, error);
	if (status > 0)
		status = error_set(error, "%s: %s", argv[0], output.said);
	if (status == 0)
		status = edit_rest(rules, edits, path,
				   output.text == NULL ? (char[]){""} : output.text, error);
	program_free(&output);
	return status;
}

static int make_folder(const char *path, struct error *error)
{
	char folder[EDITS_PATH];
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
	return mkdir(folder, 0755) == 0 || errno == EEXIST
		   ? 0
		   : error_set(error, "%s can't be made: %s", folder, strerror(errno));
}

/* Sets of Postern's may be in a file that nothing needs any more. */
static bool is_written(const struct rules *rules, const struct boot_store *store,
		       enum boot_kind kind)
{
	const struct config *config = rules->config;
	const char *path = store->files[kind].path;
	return boot_is_needed(rules, store, kind) ||
	       (kind == BOOT_SETS && path != NULL &&
		(edits_has(path, config->set4) || edits_has(path, config->set6)));
}

static int edit_iptables(const struct rules *rules, struct edits *edits, struct error *error)
{
	const struct boot_store *store = boot_store(rules->keeper);
	for (enum boot_kind kind = 0; kind < BOOT_FILES; kind++) {
		const char *path = store->files[kind].path;
		char save[LOOK_COMMAND];
		const char *const sets[] = {"ipset", "save", NULL}, *const table[] = {save, NULL};
		look_command(save, rules->command, kind == BOOT_V6 ? RULESET_V6 : RULESET_V4,
			     "-save");
		if (!is_written(rules, store, kind))
			continue;
		bool left = kind == BOOT_SETS && !boot_is_needed(rules, store, kind) &&
			    !program_exists(sets[0]);
		if (make_folder(path, error) != 0 ||
		    (left ? edit_left(rules, edits, path, error)
			  : edit_output(rules, edits, path, kind == BOOT_SETS ? sets : table,
					error)) != 0)
			return -1;
	}
	return 0;
}

static int plan_edits(const struct rules *rules, struct edits *edits, struct error *error)
{
	if (rules->keeper != RULESET_NFT)
		return check_files(rules, error) == 0 ? edit_iptables(rules, edits, error) : -1;
	if (check_any(rules, error) != 0)
		return -1;
	return edit_nft(rules, edits, error) == 0 ? check_nft(rules, edits, error) : -1;
}

bool persist_can(const struct rules *rules)
{
	struct edits edits = {.count = 0};
	bool can = rules->keeper == RULESET_NFT ? plan_edits(rules, &edits, NULL) == 0
						: check_files(rules, NULL) == 0;
	edits_free(&edits);
	return can;
}

int persist_save(const struct rules *rules, struct error *error)
{
	struct edits edits = {.count = 0};
	int result = plan_edits(rules, &edits, error);
	if (result == 0)
		result = edits_make(&edits, error);
	edits_free(&edits);
	return result;
}

/* ---- what is told */

/* By rules of another kind than those that are looked at all doors would be shut. */
static void tell_loader(const struct rules *rules, const struct boot_store *store,
			const struct boot_lacks *lacks)
{
	char command[BOOT_COMMAND];
	bool other = boot_loader(rules) != rules->keeper;
	if (other || lacks->packages[0] != '\0' || lacks->units[0] != '\0')
		say_lines("Once, for what loads it at the start:\n");
	if (other) {
		boot_alternatives(command, rules);
		say_lines("    %s\n", command);
	}
	if (lacks->packages[0] != '\0')
		say_lines("    %s %s\n", program_installer(false), lacks->packages);
	if (lacks->units[0] != '\0') {
		boot_enable(command, lacks, store);
		say_lines("    %s\n", command);
	}
}

/* What restores rules that name a set which is not there, restores none at all. */
static void tell_restore(const struct rules *rules, const struct boot_store *store)
{
	char commands[BOOT_LOAD];
	boot_restore(commands, rules, store, boot_is_needed, "\n    ");
	say_lines("Have these run at the start, in this order:\n    %s\n", commands);
}

void persist_tell(const struct rules *rules, const char *config_path)
{
	const struct boot_store *store = boot_store(rules->keeper);
	char command[SAY_COMMAND];
	struct boot_lacks lacks;
	if (rules_have_files(rules)) {
		say_lines("%s has them in its files, and makes them again by itself.\n",
			  rules->look->firewalld ? "firewalld" : "ufw");
		return;
	}
	bool can = persist_can(rules);
	say_command(command, can ? "firewall save" : "doctor", config_path);
	say_lines("To have them after the next start, in %s%s:\n    %s\n",
		  store->files[BOOT_V4].path,
		  can ? "" : ", which can't have them as it is (this tells what to do)", command);
	boot_look(&lacks, rules, store);
	if (lacks.unseen)
		tell_restore(rules, store);
	else
		tell_loader(rules, store, &lacks);
}

void persist_tell_removed(const struct rules *rules, const char *config_path)
{
	const char *path = persist_still(rules);
	char command[SAY_COMMAND];
	if (ruleset_find(&rules->look->ruleset, RULESET_NFT, RULESET_V4 | RULESET_V6, rules->table,
			 RULES_NFT_INPUT) != NULL)
		say_lines("What you have put into the chain " RULES_NFT_INPUT
			  " of %s stays, until the next start.\n",
			  rules->table);
	if (ruleset_find(&rules->look->ruleset, RULESET_NFT, RULESET_V4 | RULESET_V6,
			 RULES_NFT_FORWARD, RULES_NFT_FORWARD_CHAIN) != NULL)
		say_lines("What keeps out what is forwarded stays, until the next start: nft "
			  "delete table " RULES_NFT_FORWARD "\n");
	say_command(command, "firewall save", config_path);
	if (path != NULL)
		say_lines("%s has it still, for the next start: %s\n", path, command);
}
