/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vectors.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 512 };

struct place {
	FILE *file;
	unsigned line;
	char text[LINE];
};

static _Noreturn void die(const struct place *at, const char *what)
{
	printf("Bail out! knock-v1.json, line %u: %s\n", at->line, what);
	exit(99);
}

static bool next_line(struct place *at)
{
	at->line++;
	return fgets(at->text, LINE, at->file) != NULL;
}

static void read_hex(const struct place *at, uint8_t *out, size_t size, const char *text)
{
	if (strspn(text, "0123456789abcdef") != 2 * size || text[2 * size] != '"')
		die(at, "hex of another length was expected");
	for (size_t i = 0; i < size; i++) {
		char byte[3] = {text[2 * i], text[2 * i + 1], 0};
		out[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
}

static uint64_t read_number(const struct place *at, const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (end == text || (*end != ',' && *end != '\n'))
		die(at, "a whole number was expected");
	return value;
}

static size_t read_list(struct place *at, uint64_t *out, size_t most)
{
	for (size_t n = 0; next_line(at); n++) {
		const char *text = at->text + strspn(at->text, " ");
		if (*text == ']')
			return n;
		if (n == most)
			die(at, "longer than the reader has room for");
		out[n] = read_number(at, text);
	}
	die(at, "a list without its end");
}

static void read_source(const struct place *at, struct vector *v, const char *text)
{
	char address[64] = "";
	struct in6_addr six;
	struct in_addr four;

	v->bound = strncmp(text, "null", 4) != 0;
	if (!v->bound)
		return;
	sscanf(text, "\"%63[^\"]\"", address);
	if (inet_pton(AF_INET, address, &four) == 1) {
		memcpy(v->source, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
		memcpy(v->source + 12, &four, 4);
	} else if (inet_pton(AF_INET6, address, &six) == 1) {
		memcpy(v->source, &six, 16);
	} else {
		die(at, "an address was expected");
	}
}

static bool read_bytes_field(const struct place *at, struct vector *v, const char *field,
			     const char *text)
{
	const struct {
		const char *name;
		uint8_t *out;
		size_t size;
	} fields[] = {
	    {"key", v->key, sizeof v->key},
	    {"server", v->server, sizeof v->server},
	    {"siv_key", v->siv_key, sizeof v->siv_key},
	    {"mask_key", v->mask_key, sizeof v->mask_key},
	    {"request", v->request, sizeof v->request},
	    {"knock", v->knock, sizeof v->knock},
	    {"symbols_48", v->symbols_48, sizeof v->symbols_48},
	    {"symbols_64", v->symbols_64, sizeof v->symbols_64},
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (strcmp(field, fields[i].name) != 0)
			continue;
		if (*text != '"')
			die(at, "a string was expected");
		read_hex(at, fields[i].out, fields[i].size, text + 1);
		return true;
	}
	return false;
}

static bool read_number_field(const struct place *at, struct vector *v, const char *field,
			      const char *text)
{
	const struct {
		const char *name;
		uint64_t *out;
	} fields[] = {
	    {"time_ms", &v->time_ms}, {"action", &v->action},   {"proto", &v->proto},
	    {"port", &v->port},       {"seconds", &v->seconds}, {"code_step", &v->code_step},
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (strcmp(field, fields[i].name) != 0)
			continue;
		*fields[i].out = read_number(at, text);
		return true;
	}
	return false;
}

static void read_field(struct place *at, struct vector *v, const char *field, const char *text)
{
	if (read_bytes_field(at, v, field, text) || read_number_field(at, v, field, text))
		return;
	if (strcmp(field, "name") == 0)
		sscanf(text, "\"%31[^\"]\"", v->name);
	else if (strcmp(field, "id") == 0)
		sscanf(text, "\"%8x\"", &v->id);
	else if (strcmp(field, "source") == 0)
		read_source(at, v, text);
	else if (strcmp(field, "ports_20480_32767") == 0)
		v->n_ports = read_list(at, v->ports, VECTORS_SYMBOLS);
	else if (strcmp(field, "code_ports_1000_1255") == 0)
		v->n_code_ports = read_list(at, v->code_ports, VECTORS_CODE);
	else
		die(at, "a field that the reader does not know");
}

/* One object, from behind its "{" to its "}". */
static void read_vector(struct place *at, struct vector *v)
{
	char field[64];
	int used;

	memset(v, 0, sizeof *v);
	while (next_line(at)) {
		used = 0;
		if (strncmp(at->text, "  }", 3) == 0)
			return;
		if (sscanf(at->text, " \"%63[^\"]\": %n", field, &used) != 1 || used == 0)
			die(at, "a field was expected");
		read_field(at, v, field, at->text + used);
	}
	die(at, "a vector without its end");
}

size_t vectors_read(struct vector list[static VECTORS_MOST])
{
	const char *srcdir = getenv("srcdir");
	struct place at = {0};
	char path[4096];
	size_t count = 0;

	snprintf(path, sizeof path, "%s/tests/vectors/knock-v1.json", srcdir ? srcdir : ".");
	at.file = fopen(path, "r");
	if (at.file == NULL)
		die(&at, "not found; run by make check, or set srcdir to the top of the source");
	while (next_line(&at)) {
		if (strncmp(at.text, "  {", 3) != 0)
			continue;
		if (count == VECTORS_MOST)
			die(&at, "more vectors than the reader has room for");
		read_vector(&at, &list[count++]);
	}
	fclose(at.file);
	if (count == 0)
		die(&at, "no vector in it");
	return count;
}
