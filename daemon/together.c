/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "together.h"

#include <string.h>

/* The kernel counts an element's milliseconds in 31 bits. */
enum { IPSET_MOST_DAYS = 24, IPSET_MOST_S = IPSET_MOST_DAYS * 86400 };

struct whole {
	struct config *config;
	const struct layout *layout;
	const char *file;
	struct error *error;
};

/* Of the first that stands in the file. */
static uint32_t line_of(const struct whole *whole, const char *one, const char *other)
{
	uint32_t line = layout_line(whole->layout, one);

	return line != 0 ? line : layout_line(whole->layout, other);
}

static bool hears_payloads(const struct config *config)
{
	return config->n_sources != 1 || config->sources[0].kind != SOURCE_LOG;
}

/* A log has no payload, so there single packets are not heard: who asks for them is told so, who has
 * not said anything does without. */
static int check_payloads(const struct whole *whole)
{
	struct config *config = whole->config;
	uint32_t line = layout_line(whole->layout, "ports.spa");

	if (hears_payloads(config))
		return 0;
	if (line != 0 && config->spa.count > 0)
		return error_set(whole->error,
				 "%s:%u: ports.spa: the one source is a log, which has no payload "
				 "and so no single packets; write spa = \"\", or add a source, as "
				 "source nflog { }",
				 whole->file, line);
	memset(&config->spa, 0, sizeof(config->spa));
	return 0;
}

static int check_ports(const struct whole *whole)
{
	const struct config *config = whole->config;

	if (config->spa.count + config->sequence.count + config->code.count == 0)
		return error_set(whole->error,
				 "%s:%u: no ports are left to knock on; name some for %s",
				 whole->file, line_of(whole, "ports.spa", "ports"),
				 hears_payloads(config) ? "spa" : "sequence");
	return 0;
}

static int check_grant(const struct whole *whole)
{
	if (whole->config->grant_default_s > whole->config->grant_max_s)
		return error_set(whole->error,
				 "%s:%u: grant.default is longer than grant.max; shorten it, or "
				 "raise grant.max",
				 whole->file, line_of(whole, "grant.default", "grant.max"));
	if (whole->config->firewall == CONFIG_IPSET && whole->config->grant_max_s > IPSET_MOST_S)
		return error_set(whole->error,
				 "%s:%u: grant.max: an element of ipset lives for %d days at most; "
				 "write max = \"%dd\" or less, or use firewall nft or iptc",
				 whole->file, line_of(whole, "grant.max", "firewall ipset"),
				 IPSET_MOST_DAYS, IPSET_MOST_DAYS);
	return 0;
}

static int check_sets(const struct whole *whole)
{
	const struct config *config = whole->config;
	bool nft = config->firewall == CONFIG_NFT;

	if (config->set4[0] != '\0' && strcmp(config->set4, config->set6) == 0)
		return error_set(
		    whole->error, "%s:%u: set4 and set6 have one name; give them two", whole->file,
		    nft ? line_of(whole, "firewall nft.set6", "firewall nft.set4")
			: line_of(whole, "firewall ipset.set6", "firewall ipset.set4"));
	return 0;
}

/* One table for both families, or one each. */
static int check_tables(const struct whole *whole)
{
	const struct config *config = whole->config;
	bool two = config->table6[0] != '\0';

	if (config->firewall != CONFIG_NFT || two == (strncmp(config->table, "ip ", 3) == 0))
		return 0;
	return error_set(
	    whole->error,
	    two ? "%s:%u: firewall nft.table6: %s is for both families; leave table6 "
		  "out, or name a table of the family ip beside it"
		: "%s:%u: firewall nft.table: %s is for IPv4 alone; name the one for "
		  "IPv6, as table6 = \"ip6 filter\"",
	    whole->file,
	    line_of(whole, two ? "firewall nft.table6" : "firewall nft.table", "firewall nft"),
	    config->table);
}

static int check_file(const struct whole *whole, struct source_config *source)
{
	uint32_t line = layout_line(whole->layout, "source pcap.interface");

	if (line != 0 && source->n_interfaces > 0)
		return error_set(whole->error,
				 "%s:%u: source pcap.interface: there is a file, too; keep one of "
				 "the two",
				 whole->file, line);
	memset(source->interfaces, 0, sizeof(source->interfaces));
	source->n_interfaces = 0;
	source->kind = SOURCE_SAVEFILE;
	return 0;
}

/* Interfaces or a file; interfaces are heard through a filter of ports. */
static int check_pcap(const struct whole *whole, struct source_config *source)
{
	const struct config *config = whole->config;

	if (source->file[0] != '\0')
		return check_file(whole, source);
	if (source->n_interfaces == 0)
		return error_set(whole->error,
				 "%s:%u: source pcap.interface: neither an interface nor a file; "
				 "write { \"any\" }",
				 whole->file, layout_line(whole->layout, "source pcap.interface"));
	source->spa = config->spa;
	source->sequence = config->sequence;
	source->code = config->code;
	return 0;
}

static int check_sources(const struct whole *whole)
{
	struct config *config = whole->config;

	for (uint32_t i = 0; i < config->n_sources; i++) {
		struct source_config *source = &config->sources[i];
		if (source->kind == SOURCE_PCAP && check_pcap(whole, source) == -1)
			return -1;
#ifndef HAVE_PCRE2
		if (source->pattern[0] != '\0')
			return error_set(
			    whole->error,
			    "%s:%u: source log.pattern: this Postern was built without "
			    "libpcre2; leave it out, or build it where that is",
			    whole->file, layout_line(whole->layout, "source log.pattern"));
#endif
	}
	return 0;
}

int together_check(struct config *config, const struct layout *layout, const char *file,
		   struct error *error)
{
	const struct whole whole = {config, layout, file, error};

	if (check_grant(&whole) == -1 || check_sets(&whole) == -1 || check_tables(&whole) == -1 ||
	    check_payloads(&whole) == -1 || check_ports(&whole) == -1)
		return -1;
	return check_sources(&whole);
}
