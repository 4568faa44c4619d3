/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "intake.h"

#include "build.h"

#include <stdio.h>
#include <string.h>

#include "logfile.h"
#include "outward.h"
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
	if (source->n_interfaces < SOURCE_INTERFACES)
		snprintf(source->interfaces[source->n_interfaces++], SOURCE_INTERFACE, "%s", name);
}

static void find_outward(struct source_config *source)
{
	const struct outward *outward = outward_interfaces();
	for (uint32_t i = 0; i < outward->count; i++)
		add_interface(source, outward->names[i]);
	if (source->n_interfaces == 0)
		add_interface(source, "any");
}

/* With one source, of this kind, and nothing said about it yet. */
static struct config with_source(const struct config *config, uint32_t kind)
{
	struct config other = *config;
	other.sources[0] = (struct source_config){.kind = kind};
	return other;
}

/* 0; or -1 with what a log lacks here. */
static int take_log(struct config *config, const struct look *look, enum ruleset_maker keeper,
		    struct error *lack)
{
	struct error error;
	if (config->sequence.count == 0)
		return error_set(lack, "a log has sequences alone, for which ports.sequence has "
				       "to name ports");
	if (!logfile_find(config->sources[0].file))
		return error_set(lack, "no program writes the kernel's log into a file; install "
				       "and start rsyslog, say");
	memset(&config->spa, 0, sizeof config->spa);
	if (trial_run(config, look, keeper, &error) != 0)
		return error_set(lack, "for a log: %.100s", error.text);
	return 0;
}

enum intake_choice intake_choose(struct config *config, const struct look *look,
				 enum ruleset_maker keeper, struct error *why)
{
	struct error error, lack;
	if (config->n_sources != 1 || config->sources[0].kind != SOURCE_NFLOG ||
	    trial_run(config, look, keeper, &error) == 0)
		return INTAKE_STAYS;
	struct config wire = with_source(config, SOURCE_PCAP);
	struct config log = with_source(config, SOURCE_LOG);
	if (trial_run(&wire, look, keeper, NULL) != 0)
		return INTAKE_STAYS; /* NFLOG is not what is wrong */
	if (HAS_PCAP) {
		find_outward(&wire.sources[0]);
		*config = wire;
		error_set(why, "from the wire (pcap), for NFLOG can't be had here: %s", error.text);
		return INTAKE_OTHER;
	}
	if (take_log(&log, look, keeper, &lack) != 0) {
		error_set(why,
			  "no knock could be heard: %s; or have NFLOG work (`posternctl doctor` "
			  "tells how): %.120s",
			  lack.text, error.text);
		return INTAKE_NONE;
	}
	*config = log;
	error_set(why, "from %s, for NFLOG can't be had here: %s", log.sources[0].file, error.text);
	return INTAKE_OTHER;
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

void intake_ports(char text[static INTAKE_SECTION], const struct config *config)
{
	char sequence[PORTSET_TEXT], code[PORTSET_TEXT];
	portset_print(sequence, &config->sequence);
	portset_print(code, &config->code);
	snprintf(text, INTAKE_SECTION,
		 "ports { spa = \"\" sequence = \"%s\" code = \"%s\" codelen = %u }", sequence,
		 code, config->codelen);
}
