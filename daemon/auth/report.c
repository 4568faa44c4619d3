/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "block.h"
#include "carrier.h"
#include "grant.h"
#include "history.h"
#include "judge.h"
#include "noise.h"
#include "store.h"

static const struct keys *keys;
static struct now started;
static const struct start *start;
static struct refused refused;

void report_start(const struct keys *these, const struct start *this, const struct now *now)
{
	keys = these;
	start = this;
	refused = this->refused;
	started = *now;
}

void report_refused(const struct refused *now)
{
	refused = *now;
	refused.why[sizeof refused.why - 1] = '\0';
}

/* Status has a pair a line. */
static void line_number(struct page *page, const char *field, uint64_t number)
{
	page_number(page, field, number);
	page_end_line(page);
}

/* An empty line would be the answer's end. */
static void line_text(struct page *page, const char *field, const char *text)
{
	if (text[0] == '\0')
		return;
	page_whole(page, field, text);
	page_end_line(page);
}

static void line_moment(struct page *page, const char *field, uint64_t ms)
{
	page_moment(page, field, ms);
	page_end_line(page);
}

/* What was read, and what came of reading it again. */
static void put_files(struct page *page)
{
	line_text(page, "config-file", start->config_mark);
	line_text(page, "keys-file", start->keys_mark);
	line_number(page, "reloads-refused", refused.count);
	line_text(page, "reload-refused", refused.why);
}

/* The other reasons are counted under names of their own. */
static bool refuses(enum accept_reason reason)
{
	return reason != ACCEPT_OK && reason != ACCEPT_UNKNOWN && reason != ACCEPT_LATE &&
	       reason != ACCEPT_DUPLICATE;
}

static void put_refusals(struct page *page)
{
	uint64_t all = 0;
	char field[32];

	for (int i = 0; i < ACCEPT_REASONS_COUNT; i++)
		all += noise_counts.refused[i];
	line_number(page, "refused", all);
	for (int i = 0; i < ACCEPT_REASONS_COUNT; i++) {
		if (!refuses((enum accept_reason)i))
			continue;
		snprintf(field, sizeof field, "refused-%s", accept_name((enum accept_reason)i));
		line_number(page, field, noise_counts.refused[i]);
	}
}

static void put_logins(struct page *page)
{
	uint64_t denied = 0;
	char field[32];

	for (int i = 0; i < LOGIN_YES; i++)
		denied += noise_counts.logins[i];
	line_number(page, "logins", noise_counts.logins[LOGIN_YES]);
	line_number(page, "denied", denied);
	for (int i = 0; i < LOGIN_YES; i++) {
		snprintf(field, sizeof field, "denied-%s", login_name((enum login_reason)i));
		line_number(page, field, noise_counts.logins[i]);
	}
}

static void put_sequences(struct page *page)
{
	const struct gather_counts *counts = carrier_counts();

	if (counts == NULL)
		return;
	line_number(page, "sequences-evicted", counts->evicted);
	line_number(page, "sequences-untried", counts->unpaid);
}

void report_status(struct page *page, const struct now *now)
{
	const struct record_clock *record = judge_record();
	const struct noise_counts *counts = &noise_counts;

	page_put(page, "version=%s\n", PACKAGE_VERSION);
	line_moment(page, "started", started.wall_ms);
	page_span(page, "uptime", (now->boot_ms - started.boot_ms) / 1000);
	page_end_line(page);
	line_number(page, "keys", keys->count);
	line_number(page, "grants", grant_count());
	line_number(page, "blocks", block_count(now));
	line_number(page, "history", history_count());
	line_moment(page, "record-made", record->made_ms);
	if (record->newest_ms != 0)
		line_moment(page, "newest-acceptance", record->newest_ms);
	if (record->old_floor_ms > now->wall_ms)
		line_moment(page, "old-keys-from", record->old_floor_ms);
	page_put(page, "clock=%s\n", judge_clock_behind(now) ? "behind" : "ok");
	line_number(page, "accepted", counts->accepted);
	put_refusals(page);
	line_number(page, "duplicate", counts->duplicate);
	line_number(page, "late", counts->late);
	line_number(page, "noise", counts->noise);
	line_number(page, "lost", counts->lost);
	put_sequences(page);
	put_logins(page);
	line_number(page, "commits", store_commits());
	put_files(page);
}

static void put_grant(struct page *page, const struct grant *grant, const struct now *now)
{
	uint64_t left_ms =
	    grant->until_boot_ms > now->boot_ms ? grant->until_boot_ms - now->boot_ms : 0;

	page_number(page, "grant", grant->number);
	page_text(page, "key", grant->key);
	page_put(page, " id=%08" PRIx32, grant->id);
	page_address(page, "addr", &grant->address);
	page_door(page, "door", &grant->door);
	page_moment(page, "since", grant->since_ms);
	page_moment(page, "until", now->wall_ms + left_ms);
	page_span(page, "left", left_ms / 1000);
	page_text(page, "via", grant->via);
	page_number(page, "logins", grant->logins);
	page_end_line(page);
}

/* What the firewall has not opened yet is no grant yet. */
bool report_grants(struct page *page, struct report_cursor *cursor, const struct now *now)
{
	const struct grant *grant = grant_after(cursor->place);

	for (; grant != NULL && page_room(page) >= REPORT_LINE; grant = grant_next(grant)) {
		if (grant_is_open(grant))
			put_grant(page, grant, now);
		cursor->place = grant->number;
	}
	return grant == NULL;
}

/* As the log's line has it, with the time before. */
static void put_event(struct page *page, const struct rows_event *event)
{
	bool denied = strcmp(event->event, "denied") == 0;

	page_moment(page, "at", event->at_ms);
	page_text(page, "event", event->event);
	if (denied)
		page_text(page, "by", event->via);
	page_text(page, "key", event->key);
	if (event->key[0] != '\0')
		page_put(page, " id=%08" PRIx32, event->id);
	page_address(page, "addr", &event->address);
	if (event->door.proto != 0)
		page_door(page, "door", &event->door);
	if (event->seconds > 0)
		page_span(page, "for", event->seconds);
	if (event->grant != 0)
		page_number(page, "grant", event->grant);
	if (!denied)
		page_text(page, "via", event->via);
	page_text(page, "user", event->user);
	page_text(page, strcmp(event->event, "closed") == 0 ? "why" : "reason", event->reason);
	page_text(page, "service", event->service);
	page_end_line(page);
}

bool report_history(struct page *page, struct report_cursor *cursor, uint64_t since_ms)
{
	while (page_room(page) >= REPORT_LINE) {
		const struct rows_event *event = history_next(&cursor->place, since_ms);
		if (event == NULL)
			return true;
		put_event(page, event);
	}
	return false;
}

bool report_blocks(struct page *page, struct report_cursor *cursor, const struct now *now)
{
	while (page_room(page) >= REPORT_LINE) {
		const struct rows_block *block =
		    block_after(cursor->begun ? &cursor->address : NULL, now);
		if (block == NULL)
			return true;
		page_address(page, "addr", &block->address);
		if (block->until_ms != 0) {
			page_moment(page, "until", block->until_ms);
			page_span(page, "left", (block->until_ms - now->wall_ms) / 1000);
		}
		page_end_line(page);
		cursor->address = block->address;
		cursor->begun = true;
	}
	return false;
}
