/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verb.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "build.h"
#include "complete.h"
#include "crypto.h"
#include "say.h"
#include "when.h"

#ifdef HAVE_PRCTL
#include <sys/prctl.h>
#endif

/* What getopt_long returns: a table's place, or one of those that all programs have. */
enum { FIRST = 256, ASK_HELP = FIRST + VERB_OPTIONS, ASK_VERSION, ASK_COMPLETE };

struct line {
	struct verb_call call;
	bool help, version, complete;
};

static int option_width(const struct verb_option *option)
{
	size_t width = strlen(option->name) + 2;
	if (option->argument != NULL)
		width += strlen(option->argument) + 1;
	return (int)width;
}

static void print_option(const struct verb_option *option)
{
	char letter[4] = "  ";
	if (option->letter != '\0')
		snprintf(letter, sizeof letter, "-%c", option->letter);
	bool taking = option->argument != NULL;
	int padding = option_width(option) < 24 ? 24 - option_width(option) : 0;
	printf("  %s  --%s%s%s%*s  %s\n", letter, option->name, taking ? " " : "",
	       taking ? option->argument : "", padding, "", option->help);
}

static void print_verb(const struct verb_program *program, const struct verb *verb)
{
	printf("usage: %s %s%s%s%s\n\n%s\n", program->name, verb->name,
	       *verb->arguments != '\0' ? " " : "", verb->arguments,
	       verb->options != 0 ? " [OPTION...]" : "", verb->help);
	if (verb->options != 0)
		puts("");
	for (size_t i = 0; i < program->n_options; i++)
		if (verb->options & VERB_TAKES(i))
			print_option(&program->options[i]);
}

/* Does name begin with these words? How many of them it has, or 0. */
static unsigned words_match(const char *name, char *const *words, unsigned n_words)
{
	unsigned matched = 0;
	while (*name != '\0') {
		size_t length = strcspn(name, " ");
		if (matched == n_words || strlen(words[matched]) != length ||
		    memcmp(words[matched], name, length) != 0)
			return 0;
		matched++;
		name += length + strspn(name + length, " ");
	}
	return matched;
}

/* "key" is the first word of several verbs. */
static bool is_group(const struct verb *verb, const char *word)
{
	size_t length = strlen(word);
	return strncmp(verb->name, word, length) == 0 && verb->name[length] == ' ';
}

static void print_program(const struct verb_program *program, const char *group)
{
	printf("usage: %s VERB [ARGUMENT...] [OPTION...]\n\n%s\n\n", program->name,
	       program->purpose);
	for (size_t i = 0; i < program->n_verbs; i++) {
		const struct verb *verb = &program->verbs[i];
		if (group != NULL && !is_group(verb, group))
			continue;
		printf("  %s%s%s\n        %s\n", verb->name, *verb->arguments != '\0' ? " " : "",
		       verb->arguments, verb->help);
	}
	printf("\n%s help VERB tells the options of a verb; man %s tells all.\n", program->name,
	       program->name);
}

static int unknown_verb(const struct verb_program *program, const char *word)
{
	char names[512] = "";
	for (size_t i = 0; i < program->n_verbs; i++)
		if (is_group(&program->verbs[i], word)) {
			size_t used = strlen(names);
			snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "",
				 program->verbs[i].name);
		}
	if (*names != '\0')
		return say(SAY_USAGE, "%s: which one? There are %s", word, names);
	return say(SAY_USAGE, "unknown verb %s; `%s help` lists them", word, program->name);
}

/* Finds the verb that the first arguments name, and takes these words away. */
static int find_verb(const struct verb_program *program, struct verb_call *call)
{
	for (size_t i = 0; i < program->n_verbs; i++) {
		unsigned words =
		    words_match(program->verbs[i].name, call->arguments, call->n_arguments);
		if (words == 0)
			continue;
		call->verb = &program->verbs[i];
		call->arguments += words;
		call->n_arguments -= words;
		return SAY_DONE;
	}
	return unknown_verb(program, call->arguments[0]);
}

static int print_help(const struct verb_program *program, struct verb_call *call)
{
	const char *group = NULL;
	if (call->n_arguments == 1)
		for (size_t i = 0; i < program->n_verbs; i++)
			if (is_group(&program->verbs[i], call->arguments[0]))
				group = call->arguments[0];
	if (call->n_arguments == 0 || group != NULL) {
		print_program(program, group);
		return SAY_DONE;
	}
	int code = find_verb(program, call);
	if (code == SAY_DONE)
		print_verb(program, call->verb);
	return code;
}

int verb_misused(const struct verb_call *call, const char *what)
{
	const struct verb *verb = call->verb;
	return say(SAY_USAGE, "%s: %s; usage: %s%s%s%s", verb->name, what, verb->name,
		   *verb->arguments != '\0' ? " " : "", verb->arguments,
		   verb->options != 0 ? " [OPTION...]" : "");
}

static int check_against_table(const struct verb_program *program, const struct verb_call *call)
{
	const struct verb *verb = call->verb;
	for (size_t i = 0; i < program->n_options; i++)
		if (call->option[i] != NULL && !(verb->options & VERB_TAKES(i)))
			return say(SAY_USAGE, "%s takes no --%s; see `%s help %s`", verb->name,
				   program->options[i].name, program->name, verb->name);
	if (call->n_arguments < verb->least)
		return verb_misused(call, "an argument is missing");
	if (call->n_arguments > verb->most)
		return verb_misused(call, "too many arguments");
	return SAY_DONE;
}

static bool optional(const struct verb_option *option)
{
	return option->argument != NULL && *option->argument == '[';
}

/* Both forms of the table that getopt_long wants. */
static void make_getopt(const struct verb_program *program, struct option *options, char *letters)
{
	*letters++ = ':';
	for (size_t i = 0; i < program->n_options; i++) {
		const struct verb_option *from = &program->options[i];
		int has = from->argument == NULL ? no_argument
			  : optional(from)       ? optional_argument
						 : required_argument;
		options[i] = (struct option){from->name, has, NULL, FIRST + (int)i};
		if (from->letter == '\0')
			continue;
		*letters++ = from->letter;
		if (from->argument != NULL)
			*letters++ = ':';
	}
	*letters++ = 'h';
	*letters = '\0';
	options[program->n_options] = (struct option){"help", no_argument, NULL, ASK_HELP};
	options[program->n_options + 1] =
	    (struct option){"version", no_argument, NULL, ASK_VERSION};
	options[program->n_options + 2] =
	    (struct option){"complete", no_argument, NULL, ASK_COMPLETE};
	options[program->n_options + 3] = (struct option){NULL, 0, NULL, 0};
}

static int place_of_letter(const struct verb_program *program, int letter)
{
	for (size_t i = 0; i < program->n_options; i++)
		if (program->options[i].letter == letter)
			return FIRST + (int)i;
	return letter == 'h' ? ASK_HELP : letter;
}

/* What getopt would not take. Long options come as their number, letters as themselves, and what is
 * not known at all as 0 in the word before. */
static int refuse_option(const struct verb_program *program, int found, char *const *argv)
{
	char word[64];
	if (optopt >= ASK_HELP)
		snprintf(word, sizeof word, "--%s",
			 optopt == ASK_HELP      ? "help"
			 : optopt == ASK_VERSION ? "version"
						 : "complete");
	else if (optopt >= FIRST)
		snprintf(word, sizeof word, "--%s", program->options[optopt - FIRST].name);
	else if (optopt != 0)
		snprintf(word, sizeof word, "-%c", optopt);
	else
		snprintf(word, sizeof word, "%s", argv[optind - 1]);
	const char *what = found == ':'      ? "needs a value"
			   : optopt >= FIRST ? "takes no value"
					     : "is not known";
	return say(SAY_USAGE, "option %s %s; see `%s help`", word, what, program->name);
}

/* "10s": a bare number may also be a port. */
static bool is_time_with_unit(const char *word)
{
	uint32_t seconds;
	char last = *word == '\0' ? '0' : word[strlen(word) - 1];
	return (last < '0' || last > '9') && when_span_parse(&seconds, word, NULL) == 0;
}

/* What may be left out is a time. getopt_long only sees it after "="; as a word of its own it is seen
 * by its form, which nothing else has that can follow. */
static void take_next(const struct verb_option *option, char *const *argv)
{
	const char *next = argv[optind];
	if (optional(option) && optarg == NULL && next != NULL && is_time_with_unit(next))
		optarg = argv[optind++];
}

static int take_option(const struct verb_program *program, struct line *line, int found,
		       char *const *argv)
{
	found = place_of_letter(program, found);
	if (found >= ASK_HELP) {
		*(found == ASK_HELP      ? &line->help
		  : found == ASK_VERSION ? &line->version
					 : &line->complete) = true;
		return SAY_DONE;
	}
	const char **value = &line->call.option[found - FIRST];
	take_next(&program->options[found - FIRST], argv);
	if (*value != NULL)
		return say(SAY_USAGE, "--%s is given twice", program->options[found - FIRST].name);
	*value = optarg != NULL ? optarg : "";
	return SAY_DONE;
}

static int parse_line(const struct verb_program *program, struct line *line, int argc, char **argv)
{
	struct option options[VERB_OPTIONS + 4];
	char letters[2 * VERB_OPTIONS + 3];
	make_getopt(program, options, letters);
	opterr = 0;
	int found;
	while ((found = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		int code = found == '?' || found == ':' ? refuse_option(program, found, argv)
							: take_option(program, line, found, argv);
		if (code != SAY_DONE)
			return code;
	}
	line->call.arguments = argv + optind;
	line->call.n_arguments = (unsigned)(argc - optind);
	return SAY_DONE;
}

/* A secret among the arguments has been seen by the shell's history and by everybody's ps. */
static int refuse_token(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(argv[i], "postern:/") != NULL)
			return say(SAY_USAGE,
				   "a token does not belong on the command line, where the "
				   "shell's history and ps show it: give it to `postern add` "
				   "on standard input, or in a file");
	return SAY_DONE;
}

/* Secrets pass through here: they are to end up in no core file. Linux minds the limit only where it
 * writes the file itself; it hands cores to a program (core_pattern) of dumpable processes alone. */
static void forbid_core(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifdef HAVE_PRCTL
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* What was started with a closed descriptor would take a file or a socket of its own for it. These
 * fail when used, as the closed ones would. */
static void fill_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
			return;
}

static int run(const struct verb_program *program, struct line *line)
{
	struct verb_call *call = &line->call;
	if (line->version) {
		printf("%s %s\n", program->name, PACKAGE_VERSION);
		return SAY_DONE;
	}
	if (line->complete) {
		complete_print(program);
		return SAY_DONE;
	}
	bool asks_help = call->n_arguments > 0 && strcmp(call->arguments[0], "help") == 0;
	if (asks_help) {
		call->arguments++;
		call->n_arguments--;
	}
	if (asks_help || line->help)
		return print_help(program, call);
	if (call->n_arguments == 0)
		return say(SAY_USAGE, "which verb? `%s help` lists them", program->name);
	int code = find_verb(program, call);
	if (code == SAY_DONE)
		code = check_against_table(program, call);
	return code == SAY_DONE ? call->verb->run(call) : code;
}

int verb_main(const struct verb_program *program, int argc, char **argv)
{
	struct line line = {0};
	say_start(program->name);
	fill_descriptors();
	forbid_core();
	if (crypto_start() != 0)
		return say(SAY_FAILED,
			   "libgcrypt does not start: its self-test failed, or it is too old");
	int code = refuse_token(argc, argv);
	if (code == SAY_DONE)
		code = parse_line(program, &line, argc, argv);
	if (code == SAY_DONE)
		code = run(program, &line);
	if (fflush(stdout) != 0 || ferror(stdout))
		return say(SAY_FAILED, "standard output can't be written: %s", strerror(errno));
	return code;
}
