/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

struct table {
	const struct table_column *columns;
	size_t n_columns;
	size_t *widths; /* when printing */
	char **cells;   /* rows * columns */
	size_t n_rows, room;
};

struct table *table_new(const struct table_column *columns, size_t n_columns)
{
	struct table *table = calloc(1, sizeof *table);
	if (table == NULL)
		return NULL;
	table->columns = columns;
	table->n_columns = n_columns;
	table->widths = calloc(n_columns, sizeof *table->widths);
	if (table->widths != NULL)
		return table;
	free(table);
	return NULL;
}

void table_free(struct table *table)
{
	if (table == NULL)
		return;
	for (size_t i = 0; i < table->n_rows * table->n_columns; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table->widths);
	free(table);
}

static int make_room(struct table *table)
{
	if (table->n_rows < table->room)
		return 0;
	size_t room = table->room == 0 ? 16 : table->room * 2;
	char **cells = realloc(table->cells, room * table->n_columns * sizeof *cells);
	if (cells == NULL)
		return -1;
	table->cells = cells;
	table->room = room;
	return 0;
}

int table_row(struct table *table, const char *const *cells)
{
	if (make_room(table) != 0)
		return -1;
	char **row = table->cells + table->n_rows * table->n_columns;
	for (size_t i = 0; i < table->n_columns; i++) {
		row[i] = cells[i] == NULL ? NULL : strdup(cells[i]);
		if (row[i] != NULL || cells[i] == NULL)
			continue;
		while (i-- > 0)
			free(row[i]);
		return -1;
	}
	table->n_rows++;
	return 0;
}

/* How many bytes the UTF-8 character here has (RFC 3629), or 0: it is none. */
static size_t utf8_length(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t length = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
	if (c[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
	bool surrogate = c[0] == 0xed && c[1] > 0x9f;
	bool beyond = c[0] == 0xf4 && c[1] > 0x8f;
	return overlong || surrogate || beyond ? 0 : length;
}

static void print_json_text(const char *text, FILE *out)
{
	putc('"', out);
	while (*text != '\0') {
		size_t length = utf8_length(text);
		if (length == 0)
			fputs("\\ufffd", out);
		else if (length == 1 && error_control(text) == 1)
			fprintf(out, "\\u%04x", (unsigned)*text);
		else if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fwrite(text, 1, length, out);
		text += length == 0 ? 1 : length;
	}
	putc('"', out);
}

/* A JSON number has no leading zero. */
static bool is_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	return digits > 0 && text[digits] == '\0' && (text[0] != '0' || digits == 1);
}

static void print_json_cell(const struct table_column *column, const char *cell, FILE *out)
{
	if (cell == NULL || *cell == '\0')
		fputs("null", out);
	else if (column->kind == TABLE_NUMBER && is_number(cell))
		fputs(cell, out);
	else if (column->kind == TABLE_FLAG)
		fputs(strcmp(cell, "yes") == 0 ? "true" : "false", out);
	else
		print_json_text(cell, out);
}

static void print_json_row(const struct table *table, size_t row, FILE *out)
{
	char **cells = table->cells + row * table->n_columns;
	putc('{', out);
	for (size_t i = 0; i < table->n_columns; i++) {
		fprintf(out, "%s\"%s\": ", i > 0 ? ", " : "", table->columns[i].name);
		print_json_cell(&table->columns[i], cells[i], out);
	}
	putc('}', out);
}

static void print_json(const struct table *table, FILE *out)
{
	putc('[', out);
	for (size_t row = 0; row < table->n_rows; row++) {
		fputs(row > 0 ? ",\n " : "", out);
		print_json_row(table, row, out);
	}
	fputs("]\n", out);
}

static void print_cell(const char *cell, size_t width, FILE *out)
{
	size_t used = 0;
	for (const char *c = cell == NULL || *cell == '\0' ? "-" : cell; *c != '\0'; used++) {
		size_t length = utf8_length(c);
		if (length == 0 || error_control(c) > 0)
			putc('?', out);
		else
			fwrite(c, 1, length, out);
		c += length == 0 ? 1 : length;
	}
	for (; used < width; used++)
		putc(' ', out);
}

/* In characters as print_cell counts them. */
static size_t cell_width(const char *cell)
{
	size_t width = 0;
	for (const char *c = cell == NULL || *cell == '\0' ? "-" : cell; *c != '\0'; width++) {
		size_t length = utf8_length(c);
		c += length == 0 ? 1 : length;
	}
	return width;
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t width = strlen(table->columns[column].name);
	for (size_t row = 0; row < table->n_rows; row++) {
		size_t cell = cell_width(table->cells[row * table->n_columns + column]);
		width = cell > width ? cell : width;
	}
	return width;
}

static void print_heading(const char *name, size_t width, FILE *out)
{
	size_t used = 0;
	for (; name[used] != '\0'; used++)
		putc(toupper((unsigned char)name[used]), out);
	for (; used < width; used++)
		putc(' ', out);
}

/* Column by column of one line; row n_rows stands for the headings. */
static void print_line(const struct table *table, size_t row, FILE *out)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		bool last = i + 1 == table->n_columns;
		size_t width = last ? 0 : table->widths[i];
		if (row == table->n_rows)
			print_heading(table->columns[i].name, width, out);
		else
			print_cell(table->cells[row * table->n_columns + i], width, out);
		fputs(last ? "\n" : "  ", out);
	}
}

static void print_columns(const struct table *table, FILE *out)
{
	if (table->n_rows == 0)
		return;
	for (size_t i = 0; i < table->n_columns; i++)
		table->widths[i] = column_width(table, i);
	print_line(table, table->n_rows, out);
	for (size_t row = 0; row < table->n_rows; row++)
		print_line(table, row, out);
}

static void print_record(const struct table *table, size_t row, FILE *out)
{
	size_t width = 0;
	for (size_t i = 0; i < table->n_columns; i++) {
		size_t name = strlen(table->columns[i].name);
		width = name > width ? name : width;
	}
	for (size_t i = 0; i < table->n_columns; i++) {
		const char *cell = table->cells[row * table->n_columns + i];
		if (cell == NULL || *cell == '\0')
			continue;
		fprintf(out, "%-*s  ", (int)width, table->columns[i].name);
		print_cell(cell, 0, out);
		putc('\n', out);
	}
}

static void print_records(const struct table *table, FILE *out)
{
	for (size_t row = 0; row < table->n_rows; row++) {
		fputs(row > 0 ? "\n" : "", out);
		print_record(table, row, out);
	}
}

void table_print(const struct table *table, enum table_form form, FILE *out)
{
	if (form == TABLE_COLUMNS)
		print_columns(table, out);
	else if (form == TABLE_RECORDS)
		print_records(table, out);
	else if (form == TABLE_JSON)
		print_json(table, out);
	else if (table->n_rows > 0) {
		print_json_row(table, 0, out);
		putc('\n', out);
	}
}
