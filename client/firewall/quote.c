/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "quote.h"

#include <stddef.h>

const char *quote_end(const char *at, bool nft)
{
	const char *most = at + QUOTE_MOST;
	if (*at != '"')
		return NULL;
	for (at++; at < most && *at != '\0'; at++) {
		if (*at == '"')
			return at + 1;
		if (!nft && *at == '\\' && at[1] != '\0')
			at++;
	}
	return NULL;
}

const char *quote_step(const char *text, const char *at, bool nft)
{
	bool begins = at == text || at[-1] == ' ' || at[-1] == '\t' || at[-1] == '\n';
	const char *end = begins ? quote_end(at, nft) : NULL;
	return end != NULL ? end : at + 1;
}
