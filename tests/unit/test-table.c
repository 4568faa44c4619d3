/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../client/table.h"

static const struct table_column columns[] = {
    {"name", TABLE_TEXT}, {"count", TABLE_NUMBER}, {"nat", TABLE_FLAG}};

/* Prints rows of three cells each, and compares. */
static void expect(const char *const (*rows)[3], size_t n_rows, enum table_form form,
		   const char *wanted)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct table *table = table_new(columns, COUNT(columns));
	assert_non_null(out);
	assert_non_null(table);
	for (size_t i = 0; i < n_rows; i++)
		assert_int_equal(table_row(table, rows[i]), 0);
	table_print(table, form, out);
	fclose(out);
	assert_string_equal(text, wanted);
	table_free(table);
	free(text);
}

static void test_columns_are_aligned(void **state)
{
	static const char *const rows[][3] = {{"alice", "7", "yes"}, {"b\303\266b", NULL, "no"}};
	(void)state;
	expect(rows, 2, TABLE_COLUMNS,
	       "NAME   COUNT  NAT\n"
	       "alice  7      yes\n"
	       "b\303\266b    -      no\n");
	expect(rows, 0, TABLE_COLUMNS, "");
	expect(rows, 0, TABLE_JSON, "[]\n");
	expect(rows, 0, TABLE_OBJECT, "");
}

static void test_records_leave_out_what_is_empty(void **state)
{
	static const char *const rows[][3] = {{"alice", "", "yes"}, {"bob", "1", NULL}};
	(void)state;
	expect(rows, 2, TABLE_RECORDS, "name   alice\nnat    yes\n\nname   bob\ncount  1\n");
}

static void test_json_has_types(void **state)
{
	static const char *const rows[][3] = {
	    {"7", "7", "yes"}, {"", "", ""}, {NULL, "07", "no"}, {"x", "7s", "no"}};
	(void)state;
	expect(rows, 4, TABLE_JSON,
	       "[{\"name\": \"7\", \"count\": 7, \"nat\": true},\n"
	       " {\"name\": null, \"count\": null, \"nat\": null},\n"
	       " {\"name\": null, \"count\": \"07\", \"nat\": false},\n"
	       " {\"name\": \"x\", \"count\": \"7s\", \"nat\": false}]\n");
	expect(rows, 1, TABLE_OBJECT, "{\"name\": \"7\", \"count\": 7, \"nat\": true}\n");
}

/* Controls, quotes, and what is no UTF-8: overlong, surrogate, beyond, cut off, a lone byte. */
static void test_values_are_harmless(void **state)
{
	static const struct {
		const char *value, *json, *text;
	} cases[] = {
	    {"a\"b\\c\n\033\177", "a\\\"b\\\\c\\u000a\\u001b\\u007f", "a\"b\\c???"},
	    {"\303\251\342\202\254\360\237\230\200", "\303\251\342\202\254\360\237\230\200",
	     "\303\251\342\202\254\360\237\230\200"},
	    {"\300\257", "\\ufffd\\ufffd", "??"},
	    {"\340\200\257", "\\ufffd\\ufffd\\ufffd", "???"},
	    {"\360\200\200\257", "\\ufffd\\ufffd\\ufffd\\ufffd", "????"},
	    {"\355\240\200", "\\ufffd\\ufffd\\ufffd", "???"},
	    {"\364\220\200\200", "\\ufffd\\ufffd\\ufffd\\ufffd", "????"},
	    {"\377x", "\\ufffdx", "?x"},
	    {"\342\202", "\\ufffd\\ufffd", "??"},
	    {"x\200", "x\\ufffd", "x?"},
	    {"C1\302\233, right to left\342\200\256", "C1\302\233, right to left\342\200\256",
	     "C1?, right to left?"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *const rows[][3] = {{cases[i].value, NULL, NULL}};
		char wanted[200];
		snprintf(wanted, sizeof wanted,
			 "{\"name\": \"%s\", \"count\": null, \"nat\": null}\n", cases[i].json);
		expect(rows, 1, TABLE_OBJECT, wanted);
		snprintf(wanted, sizeof wanted, "name   %s\n", cases[i].text);
		expect(rows, 1, TABLE_RECORDS, wanted);
	}
}

static void test_many_rows(void **state)
{
	struct table *table = table_new(columns, COUNT(columns));
	(void)state;
	assert_non_null(table);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(table_row(table, (const char *const[]){"x", "1", "no"}), 0);
	table_free(table);
	table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_columns_are_aligned),
	    cmocka_unit_test(test_records_leave_out_what_is_empty),
	    cmocka_unit_test(test_json_has_types),
	    cmocka_unit_test(test_values_are_harmless),
	    cmocka_unit_test(test_many_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
