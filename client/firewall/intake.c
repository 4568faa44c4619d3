/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intake.h"

#include "build.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trial.h"

#ifdef HAVE_PCAP
enum { HAS_PCAP = 1 };
#else
enum { HAS_PCAP = 0 };
#endif

static void add_interface(struct source_config *source, const char *name)
{
	if (name[strcspn(name, "\"'\\$")] != '\0')
		return; /* not to be written into the configuration */
	for (uint32_t i = 0; i < source->n_interfaces; i++)
		if (strcmp(source->interfaces[i], name) == 0)
			return;
	if (source->n_interfaces < SOURCE_INTERFACES)
		snprintf(source->interfaces[source->n_interfaces++], SOURCE_INTERFACE, "%s", name);
}

/* Those that the default routes go by, of both families: it is from there that strangers come. */
static void find_outward(struct source_config *source)
{
	char line[300], name[SOURCE_INTERFACE], to[40], mask[40];
	FILE *file = fopen("/proc/net/route", "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%15s %39s %*s %*s %*s %*s %*s %39s", name, to, mask) == 3 &&
		    strcmp(to, "00000000") == 0 && strcmp(mask, "00000000") == 0)
			add_interface(source, name);
	if (file != NULL)
		fclose(file);
	file = fopen("/proc/net/ipv6_route", "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%39s %39s %*s %*s %*s %*s %*s %*s %*s %15s", to, mask, name) ==
			3 &&
		    strspn(to, "0") == 32 && strcmp(mask, "00") == 0 && strcmp(name, "lo") != 0)
			add_interface(source, name);
	if (file != NULL)
		fclose(file);
	if (source->n_interfaces == 0)
		add_interface(source, "any");
}

/* Where the kernel's lines go, by the usual names. */
static bool find_log(struct source_config *source)
{
	static const char *const paths[] = {"/var/log/kern.log", "/var/log/messages",
					    "/var/log/syslog"};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (access(paths[i], F_OK) == 0) {
			snprintf(source->file, sizeof source->file, "%s", paths[i]);
			return true;
		}
	return false;
}

static bool try_source(const struct config *config, uint32_t kind, struct config *other,
		       const struct look *look, enum ruleset_maker keeper)
{
	struct source_config *source = &other->sources[0];
	*other = *config;
	*source = (struct source_config){.kind = kind};
	if (kind == SOURCE_PCAP)
		find_outward(source);
	else if (!find_log(source))
		return false;
	return trial_run(other, look, keeper, NULL) == 0;
}

bool intake_choose(struct config *config, const struct look *look, enum ruleset_maker keeper,
		   struct error *why)
{
	struct config other;
	struct error error;
	if (config->n_sources != 1 || config->sources[0].kind != SOURCE_NFLOG ||
	    trial_run(config, look, keeper, &error) == 0)
		return false;
	if (HAS_PCAP && try_source(config, SOURCE_PCAP, &other, look, keeper))
		error_set(why, "from the wire (pcap), for NFLOG can't be had here: %s", error.text);
	else if (try_source(config, SOURCE_LOG, &other, look, keeper))
		error_set(why,
			  "from %s, which has no payload, so that only sequences and codes are "
			  "heard; for NFLOG can't be had here: %s",
			  other.sources[0].file, error.text);
	else
		return false; /* NFLOG is not what is wrong */
	*config = other;
	return true;
}

const char *intake_name(const struct config *config)
{
	static const char *const names[] = {[SOURCE_NFLOG] = "nflog",
					    [SOURCE_PCAP] = "pcap",
					    [SOURCE_SAVEFILE] = "pcap",
					    [SOURCE_LOG] = "log"};
	return config->n_sources == 1 ? names[config->sources[0].kind] : "several sources";
}

void intake_section(char text[static INTAKE_SECTION], const struct config *config)
{
	const struct source_config *source = &config->sources[0];
	size_t used;
	if (source->kind == SOURCE_LOG) {
		snprintf(text, INTAKE_SECTION, "source log { file = \"%s\" }", source->file);
		return;
	}
	used = (size_t)snprintf(text, INTAKE_SECTION, "source pcap { interface = { ");
	for (uint32_t i = 0; i < source->n_interfaces; i++)
		used += (size_t)snprintf(text + used, INTAKE_SECTION - used, "%s\"%s\"",
					 i > 0 ? ", " : "", source->interfaces[i]);
	snprintf(text + used, INTAKE_SECTION - used, " } }");
}
