/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "edits.h"
#include "quote.h"

static bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t';
}

/* The end of what begins here and does not count, at the beginning of a word; null: it counts. */
static char *skip(char *at, enum lines_kind kind)
{
	bool strings = kind == LINES_IPTABLES || kind == LINES_NFT;
	if (*at == '#')
		return at + strcspn(at, "\n");
	if (kind == LINES_SCRIPT || kind == LINES_UNIT)
		return at[0] == '\\' && at[1] == '\n' ? at + 2 : NULL; /* the line goes on */
	return strings ? (char *)quote_end(at, kind == LINES_NFT) : NULL;
}

void lines_strip(char *text, enum lines_kind kind)
{
	char *to = text, *at = text;
	while (*at != '\0') {
		bool begins = to == text || to[-1] == ' ' || to[-1] == '\n';
		char *end = begins ? skip(at, kind) : NULL;
		bool blank = end != NULL || is_blank(*at);
		if (!blank)
			*to++ = *at;
		else if (to > text && !begins)
			*to++ = ' ';
		at = end != NULL ? end : at + 1;
	}
	*to = '\0';
}

/* Of a unit, "ExecStart=" and its like. */
static bool counts(const char *line, enum lines_kind kind)
{
	return kind != LINES_UNIT || strncmp(line, "Exec", strlen("Exec")) == 0;
}

bool lines_have(const char *path, enum lines_kind kind, const char *words)
{
	char *text = edits_text(path, NULL), *rest = text, *line;
	bool have = false;
	if (text != NULL)
		lines_strip(text, kind);
	while (!have && (line = strsep(&rest, "\n")) != NULL)
		have = counts(line, kind) && strstr(line, words) != NULL;
	free(text);
	return have;
}
