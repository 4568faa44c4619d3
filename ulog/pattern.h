/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An administrator's own regular expression (PCRE2) for the lines of a firewall's log. Its named
 * groups src and dport must be there; proto and dst may be. How much work a line can make is bounded.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "packet.h"

struct pattern;

/* Null with *error for what is no pattern, or has not the groups. The caller frees. */
struct pattern *pattern_new(const char *text, struct error *error);
void pattern_free(struct pattern *pattern);

enum pattern_result {
	PATTERN_NO,   /* it does not match */
	PATTERN_YES,  /* it does; *reason as packet_parse has it */
	PATTERN_TIRED /* it was given up, for it would have been too much work */
};
enum pattern_result pattern_match(struct pattern *pattern, struct sighting *sighting,
				  enum packet_reason *reason, const char *line, size_t size);

#endif
