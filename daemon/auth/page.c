/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "encoding.h"
#include "when.h"

enum { VALUE = 256 };

size_t page_room(const struct page *page)
{
	return page->size - page->used;
}

void page_put(struct page *page, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(page->text + page->used, page_room(page), format, arguments);
	va_end(arguments);
	if (length > 0 && (size_t)length < page_room(page))
		page->used += (size_t)length;
}

static void put_pair(struct page *page, const char *field, const char *value)
{
	bool begins = page->used == 0 || page->text[page->used - 1] == '\n';

	page_put(page, "%s%s=%s", begins ? "" : " ", field, value);
}

void page_text(struct page *page, const char *field, const char *value)
{
	char text[VALUE];

	if (encoding_percent_encode(text, sizeof text, value) > 0)
		put_pair(page, field, text);
}

void page_whole(struct page *page, const char *field, const char *value)
{
	char text[ENCODING_PERCENT_TEXT(PAGE_WHOLE)];

	if (encoding_percent_encode(text, sizeof text, value) > 0)
		put_pair(page, field, text);
}

void page_number(struct page *page, const char *field, uint64_t number)
{
	char text[VALUE];

	snprintf(text, sizeof text, "%" PRIu64, number);
	put_pair(page, field, text);
}

void page_moment(struct page *page, const char *field, uint64_t ms)
{
	char text[WHEN_MOMENT_TEXT];

	when_moment_print(text, ms);
	put_pair(page, field, text);
}

void page_span(struct page *page, const char *field, uint64_t seconds)
{
	char text[VALUE];

	snprintf(text, sizeof text, "%" PRIu64 "s", seconds);
	put_pair(page, field, text);
}

void page_address(struct page *page, const char *field, const struct address *address)
{
	char text[ADDRESS_TEXT];

	address_print(text, address);
	put_pair(page, field, text);
}

void page_door(struct page *page, const char *field, const struct door *door)
{
	char text[DOOR_TEXT];

	door_print(text, door);
	put_pair(page, field, text);
}

void page_end_line(struct page *page)
{
	page_put(page, "\n");
}
