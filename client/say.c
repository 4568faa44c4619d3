/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "paths.h"

static const char *say_program = "postern";

void say_start(const char *program)
{
	say_program = program;
}

int say(enum say_code code, const char *format, ...)
{
	char line[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	error_one_line(line);
	fprintf(stderr, "%s: %s\n", say_program, line);
	return (int)code;
}

void say_lines(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
}

const char *say_word(char text[static SAY_WORD], const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789._/+@,:=-";
	size_t used = 0, length = strlen(word);
	if (length > 0 && length < SAY_WORD && word[strspn(word, plain)] == '\0')
		return memcpy(text, word, length + 1);
	text[used++] = '\'';
	for (; *word != '\0' && used < SAY_WORD - 6; word++) {
		const char *letter = *word == '\'' ? "'\\''" : (char[]){*word, '\0'};
		used += (size_t)sprintf(text + used, "%s", letter);
	}
	if (*word != '\0')
		return memcpy(text, SAY_TOO_LONG, sizeof SAY_TOO_LONG);
	text[used++] = '\'';
	text[used] = '\0';
	error_one_line(text);
	return text;
}

void say_command(char text[static SAY_COMMAND], const char *verb, const char *config_path)
{
	bool usual = config_path == NULL || strcmp(config_path, PATHS_CONFIG) == 0;
	snprintf(text, SAY_COMMAND, "%s %s%s%s", say_program, verb, usual ? "" : " -f ",
		 usual ? "" : SAY_QUOTED(config_path));
}
