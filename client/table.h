/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What verbs print: rows under headings, aligned for a person or as JSON (RFC 8259) for a program.
 * Cells are text; values that came from elsewhere are made harmless in both forms.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>
#include <stdio.h>

enum table_kind {
	TABLE_TEXT,
	TABLE_NUMBER, /* a JSON number, where the cell is all digits */
	TABLE_FLAG    /* "yes" or "no"; true or false in JSON */
};

struct table_column {
	const char *name; /* JSON member; in capitals the heading */
	enum table_kind kind;
};

struct table;

/* Null without memory, as in table_row; the caller frees; free(null) is fine. */
struct table *table_new(const struct table_column *columns, size_t n_columns);
void table_free(struct table *table);
/* Copies the cells, one a column; a null cell is empty; JSON has null for both. 0 or -1. */
int table_row(struct table *table, const char *const *cells);

enum table_form {
	TABLE_COLUMNS, /* under headings; nothing at all without rows */
	TABLE_RECORDS, /* each row as lines "name  value" of what is not empty */
	TABLE_JSON,    /* an array of objects */
	TABLE_OBJECT   /* JSON: the first row alone */
};
void table_print(const struct table *table, enum table_form form, FILE *out);

#endif
