/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "option.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "number.h"
#include "when.h"

static int too_far(struct error *error, const char *value, const struct option *option)
{
	return error_set(error,
			 "%.40s is out of range; from %" PRIu32 " to %" PRIu32 " is possible",
			 value, option->least, option->most);
}

static int parse_number(void *at, const struct option *option, const char *const *values, size_t n,
			struct error *error)
{
	uint32_t number;

	(void)n;
	if (number_parse(&number, values[0], UINT32_MAX) == -1)
		return error_set(error, "\"%.40s\" is no number; write digits alone", values[0]);
	if (number < option->least || number > option->most)
		return too_far(error, values[0], option);
	*(uint32_t *)at = number;
	return 0;
}

static void print_number(FILE *out, const void *at, const struct option *option)
{
	(void)option;
	fprintf(out, "%" PRIu32, *(const uint32_t *)at);
}

static void range_of_number(FILE *out, const struct option *option)
{
	fprintf(out, "%" PRIu32 " to %" PRIu32, option->least, option->most);
}

const struct option_type option_number = {"number", false, parse_number, print_number,
					  range_of_number};

static int parse_span(void *at, const struct option *option, const char *const *values, size_t n,
		      struct error *error)
{
	char least[WHEN_SPAN_TEXT], most[WHEN_SPAN_TEXT];
	uint32_t seconds;

	(void)n;
	if (when_span_parse(&seconds, values[0], error) == -1)
		return -1;
	when_span_print(least, option->least);
	when_span_print(most, option->most);
	if (seconds < option->least || seconds > option->most)
		return error_set(error, "%.40s is out of range; from %s to %s is possible",
				 values[0], least, most);
	*(uint32_t *)at = seconds;
	return 0;
}

static void print_span(FILE *out, const void *at, const struct option *option)
{
	char text[WHEN_SPAN_TEXT];

	(void)option;
	when_span_print(text, *(const uint32_t *)at);
	fprintf(out, "\"%s\"", text);
}

static void range_of_span(FILE *out, const struct option *option)
{
	char least[WHEN_SPAN_TEXT], most[WHEN_SPAN_TEXT];

	when_span_print(least, option->least);
	when_span_print(most, option->most);
	fprintf(out, "%s to %s", least, most);
}

const struct option_type option_span = {"span", false, parse_span, print_span, range_of_span};

static int parse_mark(void *at, const struct option *option, const char *const *values, size_t n,
		      struct error *error)
{
	const char *text = values[0];
	uint32_t mark = 0;
	bool hex = strncmp(text, "0x", 2) == 0 && strlen(text) <= 10 && text[2] != '\0' &&
		   text[2 + strspn(text + 2, "0123456789abcdefABCDEF")] == '\0';

	(void)option;
	(void)n;
	if (hex)
		mark = (uint32_t)strtoul(text, NULL, 16);
	else if (number_parse(&mark, text, UINT32_MAX) == -1)
		return error_set(error, "\"%.40s\" is no mark; write one as 0x10000", text);
	if (mark == 0 || (mark & (mark - 1)) != 0)
		return error_set(error, "%.40s has not exactly one bit; write one as 0x10000",
				 text);
	*(uint32_t *)at = mark;
	return 0;
}

static void print_mark(FILE *out, const void *at, const struct option *option)
{
	(void)option;
	fprintf(out, "0x%" PRIx32, *(const uint32_t *)at);
}

static void range_of_mark(FILE *out, const struct option *option)
{
	(void)option;
	fputs("one bit, 0x1 to 0x80000000", out);
}

const struct option_type option_mark = {"mark", false, parse_mark, print_mark, range_of_mark};

static int parse_ports(void *at, const struct option *option, const char *const *values, size_t n,
		       struct error *error)
{
	struct portset set;

	(void)n;
	if (portset_parse(&set, values[0], error) == -1)
		return -1;
	if (set.count > 0 && set.count < option->least)
		return error_set(error,
				 "%" PRIu32 " ports are too few; name %" PRIu32
				 " at least, or none (\"\")",
				 set.count, option->least);
	*(struct portset *)at = set;
	return 0;
}

static void print_ports(FILE *out, const void *at, const struct option *option)
{
	char text[PORTSET_TEXT];

	(void)option;
	portset_print(text, at);
	fprintf(out, "\"%s\"", text);
}

static void range_of_ports(FILE *out, const struct option *option)
{
	fprintf(out, "none, or %" PRIu32 " and more", option->least);
}

const struct option_type option_ports = {"ports", false, parse_ports, print_ports, range_of_ports};

static int keep_text(void *at, const struct option *option, const char *text, struct error *error)
{
	size_t size = strlen(text);

	if (size >= option->size)
		return error_set(error, "%zu characters are too many; at most %zu are possible",
				 size, option->size - 1);
	memset(at, 0, option->size);
	memcpy(at, text, size);
	return 0;
}

static void print_text(FILE *out, const void *at, const struct option *option)
{
	(void)option;
	fprintf(out, "\"%s\"", (const char *)at);
}

static void range_of_text(FILE *out, const struct option *option)
{
	fprintf(out, "1 to %zu characters", option->size - 1);
}

static bool only(const char *text, const char *more)
{
	for (; *text != '\0'; text++)
		if (!isalnum((unsigned char)*text) && strchr(more, *text) == NULL)
			return false;
	return true;
}

static int parse_user(void *at, const struct option *option, const char *const *values, size_t n,
		      struct error *error)
{
	const char *text = values[0];

	(void)n;
	if (text[0] == '\0' || text[0] == '-' || !only(text, "._-"))
		return error_set(error, "\"%.40s\" is no user's name; write one as postern-auth",
				 text);
	return keep_text(at, option, text, error);
}

const struct option_type option_user = {"user", false, parse_user, print_text, range_of_text};

static int parse_chain(void *at, const struct option *option, const char *const *values, size_t n,
		       struct error *error)
{
	static const char *const taken[] = {
	    "PREROUTING", "INPUT",  "FORWARD", "OUTPUT", "POSTROUTING", "ACCEPT",
	    "DROP",       "RETURN", "QUEUE",   "MARK",   "REJECT",      "NFLOG",
	};
	const char *text = values[0];

	(void)n;
	if (text[0] == '\0' || text[0] == '-' || !only(text, "_-"))
		return error_set(error, "\"%.40s\" is no chain's name; write one as POSTERN", text);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		if (strcmp(text, taken[i]) == 0)
			return error_set(error,
					 "%s is a chain or target of iptables itself; "
					 "write another, as POSTERN",
					 text);
	return keep_text(at, option, text, error);
}

const struct option_type option_chain = {"chain", false, parse_chain, print_text, range_of_text};

static int parse_table(void *at, const struct option *option, const char *const *values, size_t n,
		       struct error *error)
{
	(void)n;
	if (strcmp(values[0], "mangle") != 0 && strcmp(values[0], "filter") != 0)
		return error_set(error, "\"%.40s\" is no table of use here; write mangle or filter",
				 values[0]);
	return keep_text(at, option, values[0], error);
}

static void range_of_table(FILE *out, const struct option *option)
{
	(void)option;
	fputs("mangle or filter", out);
}

const struct option_type option_table = {"table", false, parse_table, print_text, range_of_table};

/* What iptables, ipset and nft all take for a name. */
static bool is_name(const char *text)
{
	return isalpha((unsigned char)text[0]) && only(text, "_-");
}

/* Of this family? */
static bool is_nft_table(const char *text, const char *family)
{
	size_t size = strlen(family);

	return strncmp(text, family, size) == 0 && text[size] == ' ' && is_name(text + size + 1);
}

static int parse_nft_table(void *at, const struct option *option, const char *const *values,
			   size_t n, struct error *error)
{
	const char *text = values[0];

	(void)n;
	if (!is_nft_table(text, "inet") && !is_nft_table(text, "ip"))
		return error_set(error,
				 "\"%.60s\" is no table of use here; write one of the family "
				 "inet, as inet filter, or ip, and table6 for IPv6",
				 text);
	return keep_text(at, option, text, error);
}

static void range_of_nft_table(FILE *out, const struct option *option)
{
	fprintf(out, "inet or ip, and a name, up to %zu characters", option->size - 1);
}

const struct option_type option_nft_table = {"table", false, parse_nft_table, print_text,
					     range_of_nft_table};

static int parse_nft_table6(void *at, const struct option *option, const char *const *values,
			    size_t n, struct error *error)
{
	const char *text = values[0];

	(void)n;
	if (text[0] != '\0' && !is_nft_table(text, "ip6"))
		return error_set(error,
				 "\"%.60s\" is no table of use here; write one of the family "
				 "ip6, as ip6 filter",
				 text);
	return keep_text(at, option, text, error);
}

static void range_of_nft_table6(FILE *out, const struct option *option)
{
	fprintf(out, "none, or ip6 and a name, up to %zu characters", option->size - 1);
}

const struct option_type option_nft_table6 = {"table", false, parse_nft_table6, print_text,
					      range_of_nft_table6};

static int parse_set(void *at, const struct option *option, const char *const *values, size_t n,
		     struct error *error)
{
	(void)n;
	if (!is_name(values[0]))
		return error_set(error, "\"%.40s\" is no set's name; write one as postern4",
				 values[0]);
	return keep_text(at, option, values[0], error);
}

const struct option_type option_set = {"set", false, parse_set, print_text, range_of_text};

static int parse_path(void *at, const struct option *option, const char *const *values, size_t n,
		      struct error *error)
{
	const char *text = values[0];

	(void)n;
	if (text[0] != '/' || text[1] == '\0' || text[strlen(text) - 1] == '/')
		return error_set(error, "\"%.80s\" is no absolute path; begin it with /", text);
	for (const char *at_text = text; *at_text != '\0'; at_text++)
		if ((unsigned char)*at_text < ' ' || *at_text == 0x7f ||
		    strchr("\"'\\$", *at_text) != NULL)
			return error_set(error,
					 "quotes, \\, $ and control characters may not stand "
					 "in a path; choose another");
	return keep_text(at, option, text, error);
}

static void range_of_path(FILE *out, const struct option *option)
{
	fprintf(out, "absolute, up to %zu characters", option->size - 1);
}

const struct option_type option_path = {"path", false, parse_path, print_text, range_of_path};

static int parse_file(void *at, const struct option *option, const char *const *values, size_t n,
		      struct error *error)
{
	if (values[0][0] == '\0')
		return keep_text(at, option, "", error);
	return parse_path(at, option, values, n, error);
}

static void range_of_file(FILE *out, const struct option *option)
{
	fputs("none, or ", out);
	range_of_path(out, option);
}

const struct option_type option_file = {"file", false, parse_file, print_text, range_of_file};

/* Whether it is one, who uses it knows. */
static int parse_pattern(void *at, const struct option *option, const char *const *values, size_t n,
			 struct error *error)
{
	(void)n;
	if (strchr(values[0], '\n') != NULL)
		return error_set(error, "a pattern is for one line, and may not have several");
	return keep_text(at, option, values[0], error);
}

/* As libconfuse reads it between single quotes. */
static void print_pattern(FILE *out, const void *at, const struct option *option)
{
	(void)option;
	fputc('\'', out);
	for (const char *text = at; *text != '\0'; text++)
		fprintf(out, "%s%c", *text == '\\' || *text == '\'' ? "\\" : "", *text);
	fputc('\'', out);
}

static void range_of_pattern(FILE *out, const struct option *option)
{
	fprintf(out, "none, or up to %zu characters", option->size - 1);
}

const struct option_type option_pattern = {"pattern", false, parse_pattern, print_pattern,
					   range_of_pattern};

static int parse_doors(void *at, const struct option *option, const char *const *values, size_t n,
		       struct error *error)
{
	struct config *config = at;

	if (n < option->least || n > CONFIG_DOORS)
		return error_set(error, "%zu doors; name 1 to %d, as { \"tcp/22\" }", n,
				 CONFIG_DOORS);
	config->n_doors = 0;
	for (size_t i = 0; i < n; i++) {
		struct door *door = &config->doors[i];
		memset(door, 0, sizeof(*door));
		if (door_parse(door, values[i], error) == -1)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (door_equal(door, &config->doors[j]))
				return error_set(error, "%s is named twice; name it once",
						 values[i]);
		config->n_doors++;
	}
	return 0;
}

static void print_doors(FILE *out, const void *at, const struct option *option)
{
	const struct config *config = at;
	char text[DOOR_TEXT];

	(void)option;
	for (uint32_t i = 0; i < config->n_doors; i++) {
		door_print(text, &config->doors[i]);
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", text);
	}
}

static void range_of_doors(FILE *out, const struct option *option)
{
	fprintf(out, "%" PRIu32 " to %d of tcp/PORT, udp/PORT, sctp/PORT", option->least,
		CONFIG_DOORS);
}

const struct option_type option_doors = {"doors", true, parse_doors, print_doors, range_of_doors};

static int parse_groups(void *at, const struct option *option, const char *const *values, size_t n,
			struct error *error)
{
	struct source_config *source = at;
	uint32_t group;

	if (n == 0 || n > SOURCE_GROUPS)
		return error_set(error, "%zu groups; name 1 to %d, as { 5, 6 }", n, SOURCE_GROUPS);
	source->n_groups = 0;
	for (size_t i = 0; i < n; i++) {
		if (number_parse(&group, values[i], option->most) == -1 || group < option->least)
			return too_far(error, values[i], option);
		for (size_t j = 0; j < i; j++)
			if (source->groups[j] == group)
				return error_set(error, "group %s is named twice; name it once",
						 values[i]);
		source->groups[i] = (uint16_t)group;
		source->n_groups++;
	}
	return 0;
}

static void print_groups(FILE *out, const void *at, const struct option *option)
{
	const struct source_config *source = at;

	(void)option;
	for (uint32_t i = 0; i < source->n_groups; i++)
		fprintf(out, "%s%u", i > 0 ? ", " : "", source->groups[i]);
}

static void range_of_groups(FILE *out, const struct option *option)
{
	fprintf(out, "1 to %d of %" PRIu32 " to %" PRIu32, SOURCE_GROUPS, option->least,
		option->most);
}

const struct option_type option_groups = {"groups", true, parse_groups, print_groups,
					  range_of_groups};

static bool is_interface(const char *name)
{
	return name[0] != '\0' && strlen(name) < SOURCE_INTERFACE && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0 && name[strcspn(name, " \t\n/:\"'\\$")] == '\0';
}

static int parse_interfaces(void *at, const struct option *option, const char *const *values,
			    size_t n, struct error *error)
{
	struct source_config *source = at;

	(void)option;
	if (n > SOURCE_INTERFACES)
		return error_set(error, "%zu interfaces; name up to %d, or { \"any\" }", n,
				 SOURCE_INTERFACES);
	memset(source->interfaces, 0, sizeof(source->interfaces));
	for (size_t i = 0; i < n; i++) {
		if (!is_interface(values[i]))
			return error_set(error,
					 "\"%.40s\" is no interface's name; write one as eth0, or "
					 "any",
					 values[i]);
		if (n > 1 && strcmp(values[i], "any") == 0)
			return error_set(error, "any is all of them; name it alone");
		for (size_t j = 0; j < i; j++)
			if (strcmp(source->interfaces[j], values[i]) == 0)
				return error_set(error, "%s is named twice; name it once",
						 values[i]);
		memcpy(source->interfaces[i], values[i], strlen(values[i]));
	}
	source->n_interfaces = (uint32_t)n;
	return 0;
}

static void print_interfaces(FILE *out, const void *at, const struct option *option)
{
	const struct source_config *source = at;

	(void)option;
	for (uint32_t i = 0; i < source->n_interfaces; i++)
		fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", source->interfaces[i]);
}

static void range_of_interfaces(FILE *out, const struct option *option)
{
	(void)option;
	fprintf(out, "any, or up to %d names", SOURCE_INTERFACES);
}

const struct option_type option_interfaces = {"names", true, parse_interfaces, print_interfaces,
					      range_of_interfaces};

int option_default(void *at, const struct option *option, struct error *error)
{
	const char *values[OPTION_VALUES];
	char text[128], *rest = text, *value;
	size_t n = 0;

	if (!option->type->list)
		return option->type->parse(at, option, &option->standard, 1, error);
	snprintf(text, sizeof(text), "%s", option->standard);
	while (n < OPTION_VALUES && (value = strtok_r(rest, ", ", &rest)) != NULL)
		values[n++] = value;
	return option->type->parse(at, option, values, n, error);
}
