/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "complete.h"

#include <stdio.h>

static void print_option(const struct verb_option *option)
{
	const char *argument = option->argument != NULL ? option->argument : "-";
	printf("option\t--%s\t%s\t%s\n", option->name, argument, option->help);
	if (option->letter != '\0')
		printf("option\t-%c\t%s\t%s\n", option->letter, argument, option->help);
}

void complete_print(const struct verb_program *program)
{
	for (size_t i = 0; i < program->n_verbs; i++) {
		const struct verb *verb = &program->verbs[i];
		printf("verb\t%s\t%s\t%s\n", verb->name,
		       *verb->arguments != '\0' ? verb->arguments : "-", verb->help);
		for (size_t j = 0; j < program->n_options; j++)
			if (verb->options & VERB_TAKES(j))
				print_option(&program->options[j]);
	}
	puts("verb\thelp\t[VERB]\tPrint a summary of all verbs, or of one.");
}
