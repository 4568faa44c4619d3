/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text of an answer: lines of field=value, which grow to the end of their room. What does not fit is
 * left out whole, so who fills a page looks at page_room first.
 */
#ifndef PAGE_H
#define PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "door.h"

struct page {
	char *text;
	size_t size, used;
};

size_t page_room(const struct page *page);
void page_put(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* " field=value", or without the blank where a line begins. Values that are empty are left out. */
void page_text(struct page *page, const char *field, const char *value); /* percent-encoded */
/* All of a text, of up to PAGE_WHOLE bytes: on a line of its own, for no other has room. */
enum { PAGE_WHOLE = 320 };
void page_whole(struct page *page, const char *field, const char *value);
void page_number(struct page *page, const char *field, uint64_t number);
void page_moment(struct page *page, const char *field, uint64_t ms);
void page_span(struct page *page, const char *field, uint64_t seconds);
void page_address(struct page *page, const char *field, const struct address *address);
void page_door(struct page *page, const char *field, const struct door *door);
void page_end_line(struct page *page);

#endif
