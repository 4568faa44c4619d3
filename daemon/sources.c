/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources.h"

#include <string.h>

#include "clocks.h"
#include "log.h"

/* What goes and comes all the time fills no log. */
static void tell(bool good, const char *text)
{
	static struct log_limit limits[2] = {{.burst = 20, .period_ms = 30000},
					     {.burst = 20, .period_ms = 30000}};
	struct log_limit *limit = &limits[good];

	if (!log_limit_pass(limit, clocks_boot_ms()))
		return;
	if (limit->held > 0)
		log_info("%llu lines like the next were not logged",
			 (unsigned long long)limit->held);
	limit->held = 0;
	if (good)
		log_info("%s", text);
	else
		log_warn("%s", text);
}

int sources_check(const struct config *config, const char *path, struct error *error)
{
	struct error what;

	for (uint32_t i = 0; i < config->n_sources; i++) {
		const struct source_config *source = &config->sources[i];
		const char *key = source->kind == SOURCE_LOG ? "source log.pattern" : "source pcap";
		if (source_check(source, &what) == -1)
			return error_set(error, "%s:%u: %s: %.200s", path, config_line(path, key),
					 key, what.text);
	}
	if (config->n_sources == 1 && config->sources[0].kind == SOURCE_LOG)
		log_info(
		    "the one source is a log, which has no payload: knocks are heard as sequences "
		    "and codes alone");
	return 0;
}

static bool same(const struct source_config *a, const struct source_config *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static struct source_held *find(struct sources *sources, const struct source_config *config)
{
	for (uint32_t i = 0; i < sources->n; i++)
		if (same(&sources->held[i].config, config))
			return &sources->held[i];
	return NULL;
}

static void tend(struct source_held *held)
{
	const struct source *source = source_of(held->config.kind);

	if (source->tend != NULL)
		source->tend(held, tell);
}

static void renew(struct source_held *held)
{
	const struct source *source = source_of(held->config.kind);

	if (source->renew == NULL)
		return;
	source->renew(held);
	tend(held);
}

int sources_open(struct sources *sources, const struct config *config, struct error *error)
{
	size_t room = SOURCE_DESCRIPTORS;

	for (uint32_t i = 0; i < sources->n; i++)
		room -= sources->held[i].n;
	for (uint32_t i = 0; i < config->n_sources; i++) {
		struct source_held *held = find(sources, &config->sources[i]);
		if (held != NULL) {
			renew(held);
			continue;
		}
		held = &sources->held[sources->n];
		if (source_open(held, &config->sources[i], room, error) == -1)
			return -1;
		room -= held->n;
		sources->n++;
		tend(held);
	}
	return 0;
}

void sources_close(struct sources *sources)
{
	while (sources->n > 0)
		source_close(&sources->held[--sources->n]);
}

void sources_move(struct sources *to, const struct config *config, struct sources *from)
{
	uint32_t left = 0;

	for (uint32_t i = 0; i < from->n; i++) {
		bool wanted = false;
		for (uint32_t j = 0; j < config->n_sources; j++)
			wanted = wanted || same(&from->held[i].config, &config->sources[j]);
		if (wanted)
			to->held[to->n++] = from->held[i];
		else
			from->held[left++] = from->held[i];
	}
	from->n = left;
}

uint32_t sources_list(const struct sources *sources, int *descriptors, uint32_t *kinds)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < sources->n; i++)
		for (size_t j = 0; j < sources->held[i].n; j++) {
			kinds[n] = sources->held[i].config.kind;
			descriptors[n++] = sources->held[i].descriptors[j];
		}
	return n;
}

void sources_poll(const struct sources *sources, struct pollfd *polls)
{
	for (uint32_t i = 0; i < CONFIG_SOURCES; i++)
		polls[i] = (struct pollfd){
		    .fd = i < sources->n ? sources->held[i].wake : -1,
		    .events = POLLIN,
		};
}

void sources_polled(struct sources *sources, const struct pollfd *polls)
{
	for (uint32_t i = 0; i < sources->n; i++)
		if (polls[i].revents != 0)
			tend(&sources->held[i]);
}
