/* SPDX-License-Identifier: GPL-2.0-or-later */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "logline.h"

/* Of one attempt, at one place of the line; and of all attempts at it together: each step of the
 * pattern, and each byte that it went over since the one before. That is a few milliseconds. */
enum { MATCH_LIMIT = 20000, DEPTH_LIMIT = 500, HEAP_LIMIT_KIB = 256 };
enum { LINE_LIMIT = 1000000, STEP = 16 };
enum { VALUE = 64 }; /* longer than any address */

enum group { SRC, DST, PROTO, DPORT, GROUPS };
static const struct {
	const char *name;
	bool must;
} groups[GROUPS] = {{"src", true}, {"dst", false}, {"proto", false}, {"dport", true}};

struct pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *data;
	int numbers[GROUPS]; /* of the groups; -1: it has none */
	size_t work, at;     /* in this line so far, and where it was */
};

/* Called at each step. PCRE2's own limits begin anew at each place of a line where a match could begin:
 * there are two thousand. */
static int count_work(pcre2_callout_block *step, void *data)
{
	struct pattern *pattern = data;
	size_t at = step->current_position;

	pattern->work += STEP + (at > pattern->at ? at - pattern->at : 0);
	pattern->at = at;
	return pattern->work > LINE_LIMIT ? PCRE2_ERROR_CALLOUT : 0;
}

static int compile(struct pattern *pattern, const char *text, struct error *error)
{
	PCRE2_UCHAR what[160];
	PCRE2_SIZE at;
	int code;

	pattern->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
				      PCRE2_NEVER_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_AUTO_CALLOUT,
				      &code, &at, NULL);
	if (pattern->code != NULL)
		return 0;
	pcre2_get_error_message(code, what, sizeof what);
	return error_set(error, "at character %zu: %s", at + 1, (const char *)what);
}

static int find_groups(struct pattern *pattern, struct error *error)
{
	for (int i = 0; i < GROUPS; i++) {
		pattern->numbers[i] =
		    pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR)groups[i].name);
		if (pattern->numbers[i] < 0 && groups[i].must)
			return error_set(error,
					 "the group %s is missing; write it as (?<%s>...), src and "
					 "dport at least, proto and dst if you can",
					 groups[i].name, groups[i].name);
	}
	return 0;
}

static int set_limits(struct pattern *pattern, struct error *error)
{
	pattern->limits = pcre2_match_context_create(NULL);
	pattern->data = pcre2_match_data_create_from_pattern(pattern->code, NULL);
	if (pattern->limits == NULL || pattern->data == NULL)
		return error_set(error, "no memory");
	pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KIB);
	return pcre2_set_callout(pattern->limits, count_work, pattern) == 0
		   ? 0
		   : error_set(error, "its work cannot be bounded");
}

struct pattern *pattern_new(const char *text, struct error *error)
{
	struct pattern *pattern = calloc(1, sizeof *pattern);

	if (pattern == NULL) {
		error_set(error, "no memory");
		return NULL;
	}
	if (compile(pattern, text, error) == 0 && find_groups(pattern, error) == 0 &&
	    set_limits(pattern, error) == 0)
		return pattern;
	pattern_free(pattern);
	return NULL;
}

void pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_match_data_free(pattern->data);
	pcre2_match_context_free(pattern->limits);
	pcre2_code_free(pattern->code);
	free(pattern);
}

/* What a group matched; null where it did not, or is longer than anything that it could be. */
static const char *value_of(const struct pattern *pattern, enum group group, char value[VALUE])
{
	PCRE2_SIZE size = VALUE;

	if (pattern->numbers[group] < 0 ||
	    pcre2_substring_copy_bynumber(pattern->data, (uint32_t)pattern->numbers[group],
					  (PCRE2_UCHAR *)value, &size) != 0)
		return NULL;
	return value;
}

enum pattern_result pattern_match(struct pattern *pattern, struct sighting *sighting,
				  enum packet_reason *reason, const char *line, size_t size)
{
	char values[GROUPS][VALUE];
	const char *found[GROUPS];
	int result;

	pattern->work = pattern->at = 0;
	result = pcre2_match(pattern->code, (PCRE2_SPTR)line, size, 0, 0, pattern->data,
			     pattern->limits);
	if (result < 0)
		return result == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_TIRED;
	for (int i = 0; i < GROUPS; i++)
		found[i] = value_of(pattern, (enum group)i, values[i]);
	memset(sighting, 0, sizeof *sighting);
	*reason = PACKET_HEADER;
	if (found[SRC] != NULL && found[DPORT] != NULL)
		*reason =
		    logline_sighting(sighting, found[SRC], found[DST], found[PROTO], found[DPORT]);
	return PATTERN_YES;
}
