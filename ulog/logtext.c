/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "logtext.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "follow.h"
#include "logline.h"
#include "pattern.h"

enum { BYTES_A_READ = 16384 /* so that several descriptors share the time */ };

/* There is at most one such source. Null: lines as the kernel writes them. */
static struct pattern *pattern;

/* A line whose end has not come yet, or of which too much has, or not the beginning. */
static struct {
	char text[LOGLINE_LONGEST];
	size_t size;
	bool too_long, headless;
} line;

#ifdef HAVE_PCRE2
static int check(const struct source_config *config, struct error *error)
{
	struct pattern *checked;

	if (config->pattern[0] == '\0')
		return 0;
	checked = pattern_new(config->pattern, error);
	pattern_free(checked);
	return checked == NULL ? -1 : 0;
}

static int prepare_pattern(const struct source_config *config, struct error *error)
{
	if (config->pattern[0] != '\0')
		pattern = pattern_new(config->pattern, error);
	return config->pattern[0] != '\0' && pattern == NULL ? -1 : 0;
}

static bool matches(struct sighting *sighting, enum packet_reason *reason, struct source_news *news)
{
	enum pattern_result result = pattern_match(pattern, sighting, reason, line.text, line.size);

	news->lost += result == PATTERN_TIRED;
	return result == PATTERN_YES;
}
#else
static int check(const struct source_config *config, struct error *error)
{
	return config->pattern[0] == '\0'
		   ? 0
		   : error_set(error, "this Postern was built without libpcre2");
}

static bool matches(struct sighting *sighting, enum packet_reason *reason, struct source_news *news)
{
	(void)sighting;
	(void)reason;
	(void)news;
	return false;
}

static int prepare_pattern(const struct source_config *config, struct error *error)
{
	return check(config, error);
}
#endif

/* What comes first may be the rest of a line, without who says it. */
static int prepare(const struct source_config *config, struct error *error)
{
	line.headless = true;
	return prepare_pattern(config, error);
}

/* Lines about anything else are no packets, and are not counted. */
static void end_line(source_take *take, void *context, struct source_news *news)
{
	struct sighting sighting;
	enum packet_reason reason;
	bool packet = false;

	if (line.too_long || memchr(line.text, FOLLOW_LOST, line.size) != NULL)
		news->lost++;
	else if (line.headless)
		packet = false;
	else if (pattern != NULL)
		packet = matches(&sighting, &reason, news);
	else
		packet = logline_parse(&sighting, &reason, line.text, line.size);
	if (packet) {
		news->packets++;
		take(context, reason, reason == PACKET_OK ? &sighting : NULL);
	}
	line.size = 0;
	line.too_long = line.headless = false;
}

static void add_to_line(const char *bytes, size_t size)
{
	if (!line.headless && size > sizeof line.text - line.size)
		line.too_long = true;
	if (line.too_long || line.headless)
		return;
	memcpy(line.text + line.size, bytes, size);
	line.size += size;
}

void logtext_take(const char *bytes, size_t size, source_take *take, void *context,
		  struct source_news *news)
{
	const char *end;

	while ((end = memchr(bytes, '\n', size)) != NULL) {
		size_t part = (size_t)(end - bytes);
		add_to_line(bytes, part);
		end_line(take, context, news);
		bytes += part + 1;
		size -= part + 1;
	}
	add_to_line(bytes, size);
}

static enum source_state read_some(int descriptor, source_take *take, void *context,
				   struct source_news *news, struct error *error)
{
	static char buffer[BYTES_A_READ];
	ssize_t size = read(descriptor, buffer, sizeof buffer);

	*news = (struct source_news){0};
	if (size == -1 && (errno == EAGAIN || errno == EINTR))
		return SOURCE_FINE;
	if (size <= 0) {
		error_set(error, "%s", size == 0 ? "it is no longer followed" : strerror(errno));
		return SOURCE_GONE;
	}
	logtext_take(buffer, (size_t)size, take, context, news);
	news->more = size == sizeof buffer;
	return SOURCE_FINE;
}

const struct source logtext_source = {.name = "log",
				      .check = check,
				      .open = follow_open,
				      .renew = follow_renew,
				      .tend = follow_tend,
				      .close = follow_close,
				      .prepare = prepare,
				      .read = read_some};
