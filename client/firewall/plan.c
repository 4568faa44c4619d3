/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

struct plan_step {
	bool comment; /* no command */
	char *text;
	char *input;
	char *unless, *words;
	bool may_fail;
};

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		free(plan->steps[i].text);
		free(plan->steps[i].input);
		free(plan->steps[i].unless);
		free(plan->steps[i].words);
	}
	free(plan->steps);
	*plan = (struct plan){0};
}

__attribute__((format(printf, 2, 0))) static char *formatted(struct plan *plan, const char *format,
							     va_list arguments)
{
	char *text = NULL;
	if (vasprintf(&text, format, arguments) < 0) {
		plan->failed = true;
		return NULL;
	}
	return text;
}

static void add(struct plan *plan, char *text, bool comment)
{
	struct plan_step *steps =
	    text == NULL ? NULL : realloc(plan->steps, (plan->n_steps + 1) * sizeof *steps);
	if (steps == NULL) {
		plan->failed = true;
		free(text);
		return;
	}
	plan->steps = steps;
	plan->steps[plan->n_steps++] = (struct plan_step){.text = text, .comment = comment};
}

void plan_comment(struct plan *plan, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(plan, formatted(plan, format, arguments), true);
	va_end(arguments);
}

void plan_command(struct plan *plan, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(plan, formatted(plan, format, arguments), false);
	va_end(arguments);
}

void plan_input(struct plan *plan, char *text)
{
	if (text == NULL || plan->n_steps == 0) {
		plan->failed = true;
		free(text);
		return;
	}
	plan->steps[plan->n_steps - 1].input = text;
}

void plan_unless(struct plan *plan, const char *words, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = formatted(plan, format, arguments);
	va_end(arguments);
	if (text == NULL || plan->n_steps == 0) {
		plan->failed = true;
		free(text);
		return;
	}
	struct plan_step *step = &plan->steps[plan->n_steps - 1];
	step->unless = text;
	step->words = words == NULL ? NULL : strdup(words);
	plan->failed |= words != NULL && step->words == NULL;
}

void plan_may_fail(struct plan *plan)
{
	if (plan->n_steps > 0)
		plan->steps[plan->n_steps - 1].may_fail = true;
}

/* A brace or a star means something to the shell. */
static void print_words(const char *text, FILE *out)
{
	char *copy = strdup(text), *rest = copy, *word;
	for (bool first = true; (word = strsep(&rest, " ")) != NULL; first = false)
		fprintf(out,
			strpbrk(word, "{};*?[]&|<>()$`\"\\!@#~") != NULL && strcmp(word, "!") != 0
			    ? "%s'%s'"
			    : "%s%s",
			first ? "" : " ", word);
	free(copy);
}

static void print_step(const struct plan_step *step, FILE *out)
{
	if (step->comment) {
		fprintf(out, "# %s\n", step->text);
		return;
	}
	if (step->unless != NULL) {
		print_words(step->unless, out);
		if (step->words != NULL)
			fprintf(out, " 2>/dev/null | grep -q '%s' ||\n\t", step->words);
		else
			fputs(" >/dev/null 2>&1 ||\n\t", out);
	}
	print_words(step->text, out);
	if (step->may_fail)
		fputs(" 2>/dev/null || :", out);
	if (step->input != NULL)
		fprintf(out, " <<'END'\n%sEND", step->input);
	fputs("\n", out);
}

void plan_print(const struct plan *plan, FILE *out)
{
	fputs("(\nset -e\n", out); /* in a shell of its own, which the first failure ends */
	for (size_t i = 0; i < plan->n_steps; i++)
		print_step(&plan->steps[i], out);
	fputs(")\n", out);
}

/* Its status, or -1. */
static int run_words(const char *text, const char *input, struct program_output *output,
		     struct error *error)
{
	const char *argv[PROGRAM_WORDS + 1];
	size_t n = 0;
	char *copy = strdup(text), *rest = copy, *word;
	while ((word = strsep(&rest, " ")) != NULL && n < PROGRAM_WORDS)
		argv[n++] = word;
	argv[n] = NULL;
	*output = (struct program_output){0};
	int status = copy == NULL || word != NULL
			 ? error_set(error, "%.40s: too long a command", text)
			 : program_run(output, argv, input, PROGRAM_MOST, error);
	free(copy);
	return status;
}

/* Is there no need for it? */
static bool is_done(const struct plan_step *step)
{
	struct program_output output;
	if (step->unless == NULL)
		return false;
	int status = run_words(step->unless, NULL, &output, NULL);
	bool done =
	    status == 0 && (step->words == NULL ||
			    (output.text != NULL && strstr(output.text, step->words) != NULL));
	program_free(&output);
	return done;
}

static int run_step(const struct plan_step *step, struct error *error)
{
	struct program_output output;
	if (step->comment || is_done(step))
		return 0;
	int status = run_words(step->text, step->input, &output, error);
	if (status > 0)
		error_set(error, "%.100s: %s", step->text, output.said);
	program_free(&output);
	return status == 0 || step->may_fail ? 0 : -1;
}

int plan_run(const struct plan *plan, struct error *error)
{
	if (plan->failed)
		return error_set(error, "out of memory");
	for (size_t i = 0; i < plan->n_steps; i++)
		if (run_step(&plan->steps[i], error) != 0)
			return -1;
	return 0;
}
