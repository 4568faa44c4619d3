/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build.h"

#include "answers.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gate.h"
#include "grant.h"
#include "judge.h"
#include "noise.h"
#include "store.h"
#include "when.h"

static const struct keys *keys;
static struct now started;

void answers_start(const struct keys *these, const struct now *now)
{
	keys = these;
	started = *now;
}

/* Text that grows to the end of its room. */
struct page {
	char *text;
	size_t size, used;
};

__attribute__((format(printf, 2, 3))) static void put(struct page *page, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(page->text + page->used, page->size - page->used, format, arguments);
	va_end(arguments);
	if (length > 0 && (size_t)length < page->size - page->used)
		page->used += (size_t)length;
}

static void put_moment(struct page *page, const char *field, uint64_t ms)
{
	char moment[WHEN_MOMENT_TEXT];

	when_moment_print(moment, ms);
	put(page, "%s=%s\n", field, moment);
}

static void put_number(struct page *page, const char *field, uint64_t number)
{
	put(page, "%s=%" PRIu64 "\n", field, number);
}

static void put_status(struct page *page, const struct now *now)
{
	const struct record_clock *record = judge_record();
	const struct noise_counts *counts = &noise_counts;

	put(page, "version=%s\n", PACKAGE_VERSION);
	put_moment(page, "started", started.wall_ms);
	put_number(page, "keys", keys->count);
	put_number(page, "grants", grant_count());
	put_moment(page, "record-made", record->made_ms);
	if (record->newest_ms != 0)
		put_moment(page, "newest-acceptance", record->newest_ms);
	if (record->old_floor_ms > now->wall_ms)
		put_moment(page, "old-keys-from", record->old_floor_ms);
	put(page, "clock=%s\n", judge_clock_behind(now) ? "behind" : "ok");
	put_number(page, "accepted", counts->accepted);
	put_number(page, "refused", counts->refused);
	put_number(page, "duplicate", counts->duplicate);
	put_number(page, "late", counts->late);
	put_number(page, "noise", counts->noise);
	put_number(page, "lost", counts->lost);
	put_number(page, "commits", store_commits());
}

static void put_grant(struct page *page, const struct grant *grant, const struct now *now)
{
	char address[ADDRESS_TEXT], door[DOOR_TEXT], since[WHEN_MOMENT_TEXT],
	    until[WHEN_MOMENT_TEXT];
	uint64_t left_ms =
	    grant->until_boot_ms > now->boot_ms ? grant->until_boot_ms - now->boot_ms : 0;

	address_print(address, &grant->address);
	door_print(door, &grant->door);
	when_moment_print(since, grant->since_ms);
	when_moment_print(until, now->wall_ms + left_ms);
	put(page,
	    "grant=%" PRIu64 " key=%s id=%08" PRIx32
	    " addr=%s door=%s since=%s until=%s left=%" PRIu64 "s via=%s logins=%" PRIu32 "\n",
	    grant->number, grant->key, grant->id, address, door, since, until, left_ms / 1000,
	    grant->via, grant->logins);
}

/* True: that was the last. What the firewall has not opened yet is no grant yet. */
static bool put_grants(struct page *page, uint64_t *cursor, const struct now *now)
{
	const struct grant *grant = grant_after(*cursor);

	for (; grant != NULL && page->size - page->used >= ANSWERS_LINE;
	     grant = grant_next(grant)) {
		if (grant->state != GRANT_ASKED)
			put_grant(page, grant, now);
		*cursor = grant->number;
	}
	return grant == NULL;
}

/* Whom `close` is about. An address is no name of a key, whatever a key is named. */
struct target {
	bool all, is_address;
	struct address address;
	const char *name;
};

static bool is_meant(const struct grant *grant, const struct target *target)
{
	if (target->is_address)
		return address_equal(&grant->address, &target->address);
	return target->all || strcmp(grant->key, target->name) == 0;
}

/* Also of grants that are over. A key that is being rotated stands there twice. */
static void close_logins(const struct target *target)
{
	if (target->all || target->is_address)
		login_close(&(struct login_target){.address = target->is_address ? &target->address
										 : NULL});
	else
		for (size_t i = 0; i < keys->count; i++)
			if (strcmp(keys->list[i].name, target->name) == 0)
				login_close(&(struct login_target){.key = &keys->list[i]});
}

static void close_grants(struct answer *answer, const char *subject, const struct now *now)
{
	struct target target = {.name = subject, .all = strcmp(subject, "all") == 0};
	struct grant *next;

	target.is_address = address_parse(&target.address, subject) == 0;
	if (!target.is_address && !target.all && !token_name_valid(subject)) {
		answer->error = "malformed";
		return;
	}
	for (struct grant *grant = grant_first(); grant != NULL; grant = next) {
		next = grant_next(grant);
		if (!is_meant(grant, &target))
			continue;
		gate_close(grant, TELL_CLOSE, now);
		answer->closed++;
	}
	close_logins(&target);
	if (answer->closed > 0)
		answer->wait = store_hurry();
}

static void check(struct answer *answer, const struct question *question, const struct now *now)
{
	struct login_ask ask = {.user = question->user[0] != '\0' ? question->user : NULL,
				.door = question->has_door ? &question->door : NULL,
				.max_age_ms = (uint64_t)question->max_age_s * 1000,
				.consume = question->consume};

	if (address_parse(&ask.address, question->subject) != 0) {
		answer->error = "malformed";
		return;
	}
	answer->login = login_check(&answer->found, &ask, now->boot_ms);
	if (answer->login == LOGIN_YES && question->consume)
		answer->wait = gate_used(answer->found.holder, &ask.address, answer->found.at_ms);
}

void answers_refuse(struct answer *answer)
{
	*answer = (struct answer){.error = "malformed"};
}

void answers_begin(struct answer *answer, const char *line, uid_t uid, const struct now *now)
{
	static const char *const reasons[] = {
	    [QUESTION_GOOD] = NULL,
	    [QUESTION_UNKNOWN] = "unknown-question",
	    [QUESTION_MALFORMED] = "malformed",
	};
	struct question question;

	memset(answer, 0, sizeof *answer);
	answer->error = reasons[question_parse(&question, line)];
	answer->verb = question.verb;
	if (answer->error == NULL && question.changes && uid != 0)
		answer->error = "not-root";
	if (answer->error != NULL)
		return;
	if (question.verb == QUESTION_CHECK)
		check(answer, &question, now);
	else if (question.verb == QUESTION_CLOSE)
		close_grants(answer, question.subject, now);
	else if (question.verb == QUESTION_CLOCK_RESET)
		answer->wait = judge_clock_reset(now);
}

static void put_check(struct page *page, const struct answer *answer)
{
	const struct login_found *found = &answer->found;

	if (answer->login != LOGIN_YES)
		put(page, "no reason=%s\n", login_name(answer->login));
	else
		put(page, "yes key=%s age=%" PRIu64 " grant=%" PRIu64 "\n",
		    keys->list[found->holder].name, found->age_ms / 1000, found->grant);
}

/* Lines of the answer itself; true: there is no more of it. */
static bool put_body(struct page *page, struct answer *answer, const struct now *now)
{
	if (answer->error != NULL) {
		put(page, "%s reason=%s\n", answer->verb == QUESTION_CHECK ? "no" : "error",
		    answer->error);
		return true;
	}
	switch (answer->verb) {
	case QUESTION_CHECK:
		put_check(page, answer);
		return true;
	case QUESTION_STATUS:
		put_status(page, now);
		return true;
	case QUESTION_GRANTS:
		return put_grants(page, &answer->cursor, now);
	case QUESTION_CLOSE:
		put(page, "closed=%" PRIu64 "\n", answer->closed);
		return true;
	case QUESTION_CLOCK_RESET:
		put(page, "clock=%s\n", judge_clock_behind(now) ? "behind" : "ok");
		return true;
	case QUESTION_VERBS_COUNT:
		break;
	}
	return true;
}

size_t answers_more(struct answer *answer, char *text, size_t size, const struct now *now)
{
	struct page page = {.text = text, .size = size - 1}; /* for the empty line */

	if (put_body(&page, answer, now)) {
		text[page.used++] = '\n';
		answer->ended = true;
	}
	return page.used;
}
