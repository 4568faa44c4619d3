/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { WORD = 40 };

struct scan {
	struct layout *layout;
	const char *file;
	struct error *error;
	char *begin, *at, *end;
	uint32_t line;
	/* The words since the last sign; the value after an equal sign is none. */
	char words[2][WORD];
	char *first; /* of them */
	unsigned n_words;
	bool value;
	/* Open braces: at most a section, and within it a list. */
	uint32_t section_line, list_line;
	char section[2 * WORD];
};

static int failed(const struct scan *scan, uint32_t line, const char *what)
{
	return error_set(scan->error, "%s:%u: %s", scan->file, line, what);
}

uint32_t layout_line(const struct layout *layout, const char *key)
{
	for (size_t i = 0; i < layout->n; i++)
		if (strcmp(layout->entries[i].key, key) == 0)
			return layout->entries[i].line;
	return 0;
}

static int add(struct scan *scan, const char *key)
{
	struct layout *layout = scan->layout;
	uint32_t before = layout_line(layout, key);

	if (before != 0)
		return error_set(scan->error,
				 "%s:%u: \"%s\" stands here again, after line %u; keep one of them",
				 scan->file, scan->line, key, before);
	if (layout->n == LAYOUT_ENTRIES || strlen(key) >= LAYOUT_KEY)
		return failed(scan, scan->line, "more than any configuration has; remove some");
	snprintf(layout->entries[layout->n].key, LAYOUT_KEY, "%s", key);
	layout->entries[layout->n].at = layout->entries[layout->n].end = 0;
	layout->entries[layout->n++].line = scan->line;
	return 0;
}

static int add_section(struct scan *scan)
{
	struct layout *layout = scan->layout;

	if (add(scan, scan->section) == -1)
		return -1;
	layout->entries[layout->n - 1].at = (size_t)(scan->first - scan->begin);
	return 0;
}

/* The section that is open, at its closing brace. */
static void end_section(const struct scan *scan)
{
	struct layout *layout = scan->layout;

	for (size_t i = 0; i < layout->n; i++)
		if (strcmp(layout->entries[i].key, scan->section) == 0)
			layout->entries[i].end = (size_t)(scan->at - scan->begin);
}

/* Where the words do not make sense, nothing is noted: libconfuse will say so. */
static int equal_sign(struct scan *scan)
{
	char key[4 * WORD];
	bool in_section = scan->section_line != 0;
	int result = 0;

	snprintf(key, sizeof(key), "%s%s%s", scan->section, in_section ? "." : "", scan->words[0]);
	if (scan->list_line == 0 && !scan->value && scan->n_words == 1)
		result = add(scan, key);
	scan->value = true;
	scan->n_words = 0;
	return result;
}

static int open_brace(struct scan *scan)
{
	int result = 0;

	if (scan->value || scan->section_line != 0) {
		scan->list_line = scan->line;
	} else {
		snprintf(scan->section, sizeof(scan->section), "%s%s%s", scan->words[0],
			 scan->n_words == 2 ? " " : "", scan->n_words == 2 ? scan->words[1] : "");
		if (scan->n_words == 1 || scan->n_words == 2)
			result = add_section(scan);
		scan->section_line = scan->line;
	}
	scan->value = false;
	scan->n_words = 0;
	return result;
}

static int close_brace(struct scan *scan)
{
	if (scan->list_line != 0) {
		scan->list_line = 0;
	} else {
		end_section(scan);
		scan->section_line = 0;
		scan->section[0] = '\0';
	}
	scan->value = false;
	scan->n_words = 0;
	return 0;
}

static void word(struct scan *scan, char *text, size_t size)
{
	if (scan->value || scan->list_line != 0) {
		scan->value = false;
		return;
	}
	if (scan->n_words == 0)
		scan->first = text;
	if (scan->n_words < 2)
		snprintf(scan->words[scan->n_words], WORD, "%.*s",
			 size < WORD ? (int)size : WORD - 1, text);
	scan->n_words++;
}

static bool starts(const struct scan *scan, const char *sign)
{
	size_t size = strlen(sign);

	return (size_t)(scan->end - scan->at) >= size && memcmp(scan->at, sign, size) == 0;
}

static void blank(struct scan *scan, size_t size)
{
	for (; size > 0 && scan->at < scan->end; size--, scan->at++) {
		if (*scan->at == '\n')
			scan->line++;
		else
			*scan->at = ' ';
	}
}

static int comment(struct scan *scan)
{
	uint32_t begin = scan->line;
	bool block = starts(scan, "/*");

	blank(scan, block ? 2 : 1);
	while (scan->at < scan->end && !starts(scan, block ? "*/" : "\n"))
		blank(scan, 1);
	if (block && scan->at == scan->end)
		return failed(scan, begin, "this comment never ends; close it with */");
	blank(scan, block ? 2 : 0);
	return 0;
}

static int quoted(struct scan *scan)
{
	char quote = *scan->at++, *begin = scan->at;
	uint32_t line = scan->line;

	for (; scan->at < scan->end && *scan->at != quote; scan->at++) {
		if (quote == '"' && starts(scan, "${"))
			return failed(scan, scan->line,
				      "\"${\" would be replaced from the environment; "
				      "quote with ' instead of \"");
		if (*scan->at == '\\' && scan->at + 1 < scan->end)
			scan->at++;
		if (*scan->at == '\n')
			scan->line++;
	}
	if (scan->at == scan->end)
		return failed(scan, line, "this string never ends; close its quote");
	word(scan, begin, (size_t)(scan->at - begin));
	scan->at++;
	return 0;
}

static int bare(struct scan *scan)
{
	char *begin = scan->at;

	while (scan->at < scan->end && strchr(" \t\n#\"'={},()+*", *scan->at) == NULL &&
	       !starts(scan, "//") && !starts(scan, "/*")) {
		if (starts(scan, "${"))
			return failed(
			    scan, scan->line,
			    "\"${\" would be replaced from the environment; quote with '");
		scan->at++;
	}
	if (scan->at == begin)
		return error_set(scan->error, "%s:%u: \"%c\" has no meaning here; quote it",
				 scan->file, scan->line, *begin);
	word(scan, begin, (size_t)(scan->at - begin));
	return 0;
}

static int next(struct scan *scan)
{
	switch (*scan->at) {
	case '\n':
		scan->line++;
		/* fall through */
	case ' ':
	case '\t':
	case ',':
		scan->at++;
		return 0;
	case '=':
		scan->at++;
		return equal_sign(scan);
	case '{':
		scan->at++;
		return open_brace(scan);
	case '}':
		scan->at++;
		return close_brace(scan);
	case '"':
	case '\'':
		return quoted(scan);
	case '#':
		return comment(scan);
	default:
		return starts(scan, "//") || starts(scan, "/*") ? comment(scan) : bare(scan);
	}
}

static int only_text(const struct scan *scan)
{
	uint32_t line = 1;

	for (const char *at = scan->at; at < scan->end; at++) {
		unsigned char byte = (unsigned char)*at;
		if (byte == '\r')
			return failed(scan, line, "a carriage return; save it with Unix line ends");
		if ((byte < ' ' && byte != '\n' && byte != '\t') || byte == 0x7f)
			return error_set(scan->error, "%s:%u: byte 0x%02x is no text; remove it",
					 scan->file, line, byte);
		line += byte == '\n';
	}
	return 0;
}

int layout_scan(struct layout *layout, char *text, size_t size, const char *file,
		struct error *error)
{
	struct scan scan = {
	    .layout = layout,
	    .file = file,
	    .error = error,
	    .begin = text,
	    .at = text,
	    .end = text + size,
	    .line = 1,
	};

	layout->n = 0;
	if (only_text(&scan) == -1)
		return -1;
	while (scan.at < scan.end)
		if (next(&scan) == -1)
			return -1;
	if (scan.list_line != 0 || scan.section_line != 0)
		return failed(&scan, scan.list_line != 0 ? scan.list_line : scan.section_line,
			      "this { is never closed; add a }");
	return 0;
}
