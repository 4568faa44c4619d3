/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "config.h"

#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "option.h"
#include "paths.h"
#include "together.h"

#ifdef HAVE_PCAP
#define LACKS_PCAP NULL
#else
#define LACKS_PCAP "libpcap"
#endif
#ifdef HAVE_LIBIPSET
#define LACKS_IPSET NULL
#else
#define LACKS_IPSET "libipset"
#endif
#ifdef HAVE_LIBNFTABLES
#define LACKS_NFT NULL
#else
#define LACKS_NFT "libnftables"
#endif

enum { LONGEST_FILE = 65536, SECTIONS = 16, SECTION_OPTIONS = 16 };

#define IN(field) offsetof(struct config, field), sizeof(((struct config *)0)->field)
#define IN_SOURCE(field) \
	offsetof(struct source_config, field), sizeof(((struct source_config *)0)->field)
#define WHOLE          0, 0
#define DAY            86400
#define LEAST_SEQUENCE (32 * 256) /* 32 positions of 256 ports */
#define LEAST_CODE     16

/* Every option there is. The order is the one of printing; those of a section stand together. */
static const struct option options[] = {
    {"source nflog", "group", &option_groups, WHOLE, "5, 6", 0, 65535,
     "NFLOG groups that packets are read from"},
    {"source pcap", "interface", &option_interfaces, WHOLE, "any", 0, 0,
     "interfaces that packets are heard on"},
    {"source pcap", "file", &option_file, IN_SOURCE(file), "", 0, 0,
     "file that packets are read from instead"},
    {"source log", "file", &option_path, IN_SOURCE(file), "/var/log/kern.log", 0, 0,
     "log that the firewall's lines are in"},
    {"source log", "pattern", &option_pattern, IN_SOURCE(pattern), "", 0, 0,
     "what such a line looks like, if not as the kernel writes it"},
    {"ports", "spa", &option_ports, IN(spa), "53,443,20480-32767", 1, 0,
     "ports that take a knock as a single packet"},
    {"ports", "sequence", &option_ports, IN(sequence), "20480-32767", LEAST_SEQUENCE, 0,
     "ports that take a knock as a sequence"},
    {"ports", "code", &option_ports, IN(code), "1000-1255", LEAST_CODE, 0,
     "ports that take a rolling code"},
    {"ports", "codelen", &option_number, IN(codelen), "8", 4, 16, "ports in a rolling code"},
    {"", "doors", &option_doors, WHOLE, "tcp/22", 1, 0, "all that may ever be opened"},
    {"grant", "default", &option_span, IN(grant_default_s), "30s", 1, 365 * DAY,
     "how long a door stays open if neither knock nor key says"},
    {"grant", "max", &option_span, IN(grant_max_s), "1h", 1, 365 * DAY,
     "how long a door may stay open"},
    {"clock", "window", &option_span, IN(clock_window_s), "120s", 5, 3600,
     "how far a client's clock may be off, either way"},
    {"gather", "window", &option_span, IN(gather_window_s), "10s", 1, 600,
     "how long the packets of a sequence are gathered"},
    {"gather", "sources", &option_number, IN(gather_sources), "65536", 1024, 1048576,
     "addresses that are gathered from at the same time"},
    {"firewall iptc", "table", &option_table, IN(table), "mangle", 0, 0,
     "legacy table that holds the chain"},
    {"firewall iptc", "chain", &option_chain, IN(chain), "POSTERN", 0, 0, "chain for the rules"},
    {"firewall iptc", "mark", &option_mark, IN(mark), "0x10000", 0, 0,
     "mark of what may pass, in mangle"},
    {"firewall ipset", "set4", &option_set, IN(set4), "postern4", 0, 0, "set for IPv4"},
    {"firewall ipset", "set6", &option_set, IN(set6), "postern6", 0, 0, "set for IPv6"},
    {"firewall nft", "table", &option_nft_table, IN(table), "inet filter", 0, 0,
     "table of nftables that holds the sets"},
    {"firewall nft", "table6", &option_nft_table6, IN(table6), "", 0, 0,
     "the one for IPv6, where that one is of the family ip"},
    {"firewall nft", "set4", &option_set, IN(set4), "postern4", 0, 0, "set for IPv4"},
    {"firewall nft", "set6", &option_set, IN(set6), "postern6", 0, 0, "set for IPv6"},
    {"users", "capture", &option_user, IN(user_capture), "postern-capture", 0, 0,
     "user of postern-capture"},
    {"users", "auth", &option_user, IN(user_auth), "postern-auth", 0, 0, "user of postern-auth"},
    {"users", "firewall", &option_user, IN(user_firewall), "postern-firewall", 0, 0,
     "user of postern-firewall"},
    {"", "state", &option_path, IN(state), PATHS_STATE, 0, 0, "folder of the record"},
    {"", "keys", &option_path, IN(keys), PATHS_KEYS, 0, 0, "key file"},
    {"", "control", &option_path, IN(control), PATHS_CONTROL, 0, 0,
     "socket that questions come to"},
};
enum { OPTIONS = sizeof(options) / sizeof(*options) };

/* Sections of which one may choose; each with the kind that struct config has for it. The first of
 * a name is in force where there is none. */
static const struct choice {
	const char *name, *title;
	uint32_t kind;
	const char *lacks; /* the library that it was built without */
} choices[] = {
    /* clang-format off */
    {"source", "nflog", SOURCE_NFLOG, NULL},
    {"source", "pcap", SOURCE_PCAP, LACKS_PCAP},
    {"source", "log", SOURCE_LOG, NULL},
    {"firewall", "iptc", CONFIG_IPTC, NULL},
    {"firewall", "ipset", CONFIG_IPSET, LACKS_IPSET},
    {"firewall", "nft", CONFIG_NFT, LACKS_NFT},
    {"firewall", "none", CONFIG_NONE, NULL},
    /* clang-format on */
};
enum { CHOICES = sizeof(choices) / sizeof(*choices) };

/* What is read, and where it stands. */
struct reading {
	struct config *config;
	struct layout layout;
	const char *file;
	struct error *error;
	cfg_t *parsed;
};

static void key_of(char key[LAYOUT_KEY], const struct option *option)
{
	snprintf(key, LAYOUT_KEY, "%s%s%s", option->section, option->section[0] != '\0' ? "." : "",
		 option->name);
}

static void key_of_choice(char key[LAYOUT_KEY], const struct choice *choice)
{
	snprintf(key, LAYOUT_KEY, "%s %s", choice->name, choice->title);
}

static uint32_t line_of(const struct reading *reading, const struct option *option)
{
	char key[LAYOUT_KEY];

	key_of(key, option);
	return layout_line(&reading->layout, key);
}

static uint32_t line_of_choice(const struct reading *reading, const struct choice *choice)
{
	char key[LAYOUT_KEY];

	key_of_choice(key, choice);
	return layout_line(&reading->layout, key);
}

/* libconfuse's own description of the same. */
struct grammar {
	cfg_opt_t top[OPTIONS + SECTIONS + 1];
	cfg_opt_t inner[SECTIONS][SECTION_OPTIONS + 1];
	char names[SECTIONS][LAYOUT_KEY];
	size_t n_top, n_sections, n_inner[SECTIONS];
};

static const cfg_opt_t no_more = CFG_END();

static cfg_opt_t plain(const struct option *option)
{
	const cfg_opt_t one = CFG_STR(option->name, NULL, CFGF_NODEFAULT);
	const cfg_opt_t several = CFG_STR_LIST(option->name, NULL, CFGF_NODEFAULT);

	return option->type->list ? several : one;
}

/* "source" of "source nflog". */
static size_t section_of(struct grammar *grammar, const struct option *option)
{
	char name[LAYOUT_KEY];
	size_t i = 0;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(option->section, " "), option->section);
	while (i < grammar->n_sections && strcmp(grammar->names[i], name) != 0)
		i++;
	if (i == grammar->n_sections && i < SECTIONS) {
		memcpy(grammar->names[i], name, sizeof(name));
		grammar->n_sections++;
	}
	return i;
}

/* Has another section of this name, with another title, an option of this name? */
static bool has_inner(const struct grammar *grammar, size_t section, const char *name)
{
	for (size_t i = 0; i < grammar->n_inner[section]; i++)
		if (strcmp(grammar->inner[section][i].name, name) == 0)
			return true;
	return false;
}

static void put(struct grammar *grammar, const struct option *option)
{
	size_t i;

	if (option->section[0] == '\0') {
		grammar->top[grammar->n_top++] = plain(option);
		return;
	}
	i = section_of(grammar, option);
	if (has_inner(grammar, i, option->name))
		return;
	grammar->inner[i][grammar->n_inner[i]++] = plain(option);
	grammar->inner[i][grammar->n_inner[i]] = no_more;
}

static bool has_titles(const char *name)
{
	for (size_t i = 0; i < CHOICES; i++)
		if (strcmp(choices[i].name, name) == 0)
			return true;
	return false;
}

static void make_grammar(struct grammar *grammar)
{
	for (size_t i = 0; i < OPTIONS; i++)
		put(grammar, &options[i]);
	for (size_t i = 0; i < grammar->n_sections; i++) {
		cfg_flag_t flags =
		    has_titles(grammar->names[i]) ? CFGF_TITLE | CFGF_MULTI : CFGF_NONE;
		const cfg_opt_t section = CFG_SEC(grammar->names[i], grammar->inner[i], flags);
		grammar->top[grammar->n_top++] = section;
	}
	grammar->top[grammar->n_top] = no_more;
}

/* libconfuse gives its error function nothing of ours. */
static struct reading *now;

__attribute__((format(printf, 2, 0))) static void keep_error(cfg_t *cfg, const char *format,
							     va_list arguments)
{
	char text[200];

	vsnprintf(text, sizeof(text), format, arguments);
	if (now->error->text[0] == '\0') /* the first says most */
		error_set(now->error, "%s:%d: %s; see postern.conf(5)", now->file, cfg->line, text);
}

static int parse(struct reading *reading, const char *text)
{
	static struct grammar grammar;

	memset(&grammar, 0, sizeof(grammar));
	make_grammar(&grammar);
	reading->parsed = cfg_init(grammar.top, CFGF_NONE);
	if (reading->parsed == NULL)
		return error_set(reading->error, "%s: no memory", reading->file);
	reading->error->text[0] = '\0';
	now = reading;
	cfg_set_error_function(reading->parsed, keep_error);
	if (cfg_parse_buf(reading->parsed, text) == CFG_SUCCESS)
		return 0;
	if (reading->error->text[0] == '\0')
		error_set(reading->error, "%s: not to be parsed", reading->file);
	return -1;
}

static cfg_opt_t *parsed_option(const struct reading *reading, const struct option *option)
{
	char name[LAYOUT_KEY];
	size_t size = strcspn(option->section, " ");
	cfg_t *section;

	if (size == 0)
		return cfg_getopt(reading->parsed, option->name);
	snprintf(name, sizeof(name), "%.*s", (int)size, option->section);
	section = option->section[size] == ' '
		      ? cfg_gettsec(reading->parsed, name, option->section + size + 1)
		      : cfg_getsec(reading->parsed, name);
	return section == NULL ? NULL : cfg_getopt(section, option->name);
}

/* base: struct config, or the struct source_config. */
static int take(struct reading *reading, const struct option *option, void *base)
{
	const char *values[OPTION_VALUES];
	char *at = (char *)base + option->at, key[LAYOUT_KEY];
	uint32_t line = line_of(reading, option);
	struct error what;
	cfg_opt_t *opt;
	unsigned n;

	if (line == 0)
		return option_default(at, option, reading->error);
	opt = parsed_option(reading, option);
	n = opt == NULL ? 0 : cfg_opt_size(opt);
	for (unsigned i = 0; i < n && i < OPTION_VALUES; i++)
		values[i] = cfg_opt_getnstr(opt, i);
	key_of(key, option);
	if (n > OPTION_VALUES || (n == 0 && !option->type->list))
		return error_set(reading->error, "%s:%u: %s: %u values; 1 to %d are possible",
				 reading->file, line, key, n, OPTION_VALUES);
	if (option->type->parse(at, option, values, n, &what) == 0)
		return 0;
	return error_set(reading->error, "%s:%u: %s: %s", reading->file, line, key, what.text);
}

static int take_section(struct reading *reading, const char *section, void *base)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (strcmp(options[i].section, section) == 0 &&
		    take(reading, &options[i], base) == -1)
			return -1;
	return 0;
}

/* All that stand in the file; the first, where none does. */
static size_t chosen(const struct reading *reading, const char *name,
		     const struct choice *found[CHOICES])
{
	const struct choice *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < CHOICES; i++) {
		if (strcmp(choices[i].name, name) != 0)
			continue;
		if (first == NULL)
			first = &choices[i];
		if (line_of_choice(reading, &choices[i]) != 0)
			found[n++] = &choices[i];
	}
	if (n == 0)
		found[n++] = first;
	return n;
}

static int check_built(const struct reading *reading, const struct choice *choice)
{
	if (choice->lacks == NULL)
		return 0;
	return error_set(reading->error,
			 "%s:%u: \"%s %s\" is not built in; build Postern where %s is, or choose "
			 "another",
			 reading->file, line_of_choice(reading, choice), choice->name,
			 choice->title, choice->lacks);
}

static int take_sources(struct reading *reading)
{
	const struct choice *found[CHOICES];
	struct config *config = reading->config;
	size_t n = chosen(reading, "source", found);
	char key[LAYOUT_KEY];

	for (size_t i = 0; i < n; i++) {
		config->sources[i].kind = found[i]->kind;
		key_of_choice(key, found[i]);
		if (check_built(reading, found[i]) == -1 ||
		    take_section(reading, key, &config->sources[i]) == -1)
			return -1;
		config->n_sources++;
	}
	return 0;
}

static int take_firewall(struct reading *reading)
{
	const struct choice *found[CHOICES];
	char key[LAYOUT_KEY];

	if (chosen(reading, "firewall", found) > 1)
		return error_set(reading->error,
				 "%s:%u: a second firewall; keep either this or the one of line %u",
				 reading->file, line_of_choice(reading, found[1]),
				 line_of_choice(reading, found[0]));
	reading->config->firewall = found[0]->kind;
	key_of_choice(key, found[0]);
	if (check_built(reading, found[0]) == -1)
		return -1;
	return take_section(reading, key, reading->config);
}

static int take_all(struct reading *reading)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (strchr(options[i].section, ' ') == NULL &&
		    take(reading, &options[i], reading->config) == -1)
			return -1;
	if (take_sources(reading) == -1)
		return -1;
	return take_firewall(reading);
}

static void list_known(char *text, size_t size, const char *section)
{
	size_t used = 0;

	snprintf(text, size, "nothing");
	for (size_t i = 0; i < OPTIONS && used < size; i++)
		if (strcmp(options[i].section, section) == 0)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used > 0 ? ", " : "", options[i].name);
	for (size_t i = 0; i < OPTIONS && section[0] == '\0' && used < size; i++)
		if (i > 0 && options[i].section[0] != '\0' &&
		    strcmp(options[i].section, options[i - 1].section) != 0 &&
		    strchr(options[i].section, ' ') == NULL)
			used +=
			    (size_t)snprintf(text + used, size - used, ", %s", options[i].section);
	for (size_t i = 0; i < CHOICES && section[0] == '\0' && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, ", %s %s", choices[i].name,
					 choices[i].title);
}

static bool known(const char *key)
{
	char other[LAYOUT_KEY];

	for (size_t i = 0; i < OPTIONS; i++) {
		key_of(other, &options[i]);
		if (strcmp(other, key) == 0 || strcmp(options[i].section, key) == 0)
			return true;
	}
	for (size_t i = 0; i < CHOICES; i++) {
		key_of_choice(other, &choices[i]);
		if (strcmp(other, key) == 0)
			return true;
	}
	return false;
}

/* libconfuse would only say that there is no such option. */
static int check_names(const struct reading *reading)
{
	for (size_t i = 0; i < reading->layout.n; i++) {
		const char *key = reading->layout.entries[i].key, *dot = strrchr(key, '.');
		char section[LAYOUT_KEY] = "", list[200];
		if (known(key))
			continue;
		if (dot != NULL)
			snprintf(section, sizeof(section), "%.*s", (int)(dot - key), key);
		list_known(list, sizeof(list), known(section) ? section : "");
		return error_set(reading->error, "%s:%u: \"%.40s\" is not known; known here: %s",
				 reading->file, reading->layout.entries[i].line, key, list);
	}
	return 0;
}

static int read_file(char **text, size_t *size, const char *path, struct error *error)
{
	FILE *file = fopen(path, "re");

	*text = NULL;
	if (file == NULL)
		return error_set(error, "%s: cannot be opened: %s", path, strerror(errno));
	*text = malloc(LONGEST_FILE + 2);
	*size = *text == NULL ? 0 : fread(*text, 1, LONGEST_FILE + 1, file);
	if (*text == NULL || ferror(file)) {
		error_set(error, "%s: cannot be read: %s", path, strerror(errno));
		*size = 0;
	} else if (*size > LONGEST_FILE) {
		error_set(error, "%s: is longer than %d bytes; is it the right file?", path,
			  LONGEST_FILE);
	} else {
		(*text)[(*size)++] = '\n'; /* so that it is never empty, and ends a line */
		(*text)[*size] = '\0';
		fclose(file);
		return 0;
	}
	fclose(file);
	free(*text);
	*text = NULL;
	return -1;
}

int config_read(struct config *config, const char *path, struct error *error)
{
	struct error unwanted;
	struct reading reading = {
	    .config = config,
	    .file = path,
	    .error = error == NULL ? &unwanted : error,
	};
	int result = -1;
	char *text;
	size_t size;

	error = reading.error;
	memset(config, 0, sizeof(*config));
	if (read_file(&text, &size, path, error) == -1)
		return -1;
	if (layout_scan(&reading.layout, text, size, path, error) == 0 &&
	    check_names(&reading) == 0 && parse(&reading, text) == 0 && take_all(&reading) == 0)
		result = together_check(config, &reading.layout, path, error);
	if (reading.parsed != NULL)
		cfg_free(reading.parsed);
	free(text);
	return result;
}

uint32_t config_line(const char *path, const char *key)
{
	struct layout layout;
	struct error unwanted;
	uint32_t line = 0;
	char *text;
	size_t size;

	if (read_file(&text, &size, path, &unwanted) == -1)
		return 0;
	if (layout_scan(&layout, text, size, path, &unwanted) == 0)
		line = layout_line(&layout, key);
	free(text);
	return line;
}

/* One section is for two kinds. */
static uint32_t section_kind(const struct source_config *source)
{
	return source->kind == SOURCE_SAVEFILE ? SOURCE_PCAP : source->kind;
}

/* Where the options of this section are kept; null if it is not in force. */
static const void *base_of(const struct config *config, const char *section)
{
	char key[LAYOUT_KEY];

	for (size_t i = 0; i < CHOICES; i++) {
		key_of_choice(key, &choices[i]);
		if (strcmp(key, section) != 0)
			continue;
		if (strcmp(choices[i].name, "firewall") == 0)
			return config->firewall == choices[i].kind ? config : NULL;
		for (uint32_t j = 0; j < config->n_sources; j++)
			if (section_kind(&config->sources[j]) == choices[i].kind)
				return &config->sources[j];
		return NULL;
	}
	return config;
}

static void print_option(FILE *out, const struct option *option, const void *base)
{
	fprintf(out, "%s%s = %s", option->section[0] != '\0' ? "\t" : "", option->name,
		option->type->list ? "{ " : "");
	option->type->print(out, (const char *)base + option->at, option);
	fputs(option->type->list ? " }\n" : "\n", out);
}

static bool has_options(const char *section)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (strcmp(options[i].section, section) == 0)
			return true;
	return false;
}

void config_print(const struct config *config, FILE *out)
{
	char key[LAYOUT_KEY];

	for (size_t i = 0; i < OPTIONS; i++) {
		const char *section = options[i].section;
		const void *base = base_of(config, section);
		if (base == NULL)
			continue;
		if (section[0] != '\0' && (i == 0 || strcmp(section, options[i - 1].section) != 0))
			fprintf(out, "%s {\n", section);
		print_option(out, &options[i], base);
		if (section[0] != '\0' &&
		    (i + 1 == OPTIONS || strcmp(section, options[i + 1].section) != 0))
			fputs("}\n", out);
	}
	for (size_t i = 0; i < CHOICES; i++) {
		key_of_choice(key, &choices[i]);
		if (!has_options(key) && base_of(config, key) != NULL)
			fprintf(out, "%s { }\n", key);
	}
}

void config_print_options(FILE *out)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *option = &options[i];
		fprintf(out, "%-14s %-9s %-7s %-27s ",
			option->section[0] != '\0' ? option->section : "-", option->name,
			option->type->name, option->standard);
		option->type->range(out, option);
		fprintf(out, "; %s\n", option->help);
	}
}
