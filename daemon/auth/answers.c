/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answers.h"

#include <string.h>

#include "admin.h"
#include "block.h"
#include "gate.h"
#include "grant.h"
#include "holder.h"
#include "judge.h"
#include "noise.h"
#include "store.h"
#include "tell.h"
#include "watch.h"

/* told: whether it is a login that is asked for, to be counted and, if denied, told. */
static void check(struct answer *answer, const struct question *question, bool told,
		  const struct now *now)
{
	struct login_ask ask = {.user = question->user[0] != '\0' ? question->user : NULL,
				.door = question->has_door ? &question->door : NULL,
				.max_age_ms = (uint64_t)question->max_age_s * 1000,
				.consume = question->consume};

	if (address_parse(&ask.address, question->subject) != 0) {
		answer->error = "malformed";
		return;
	}
	answer->login =
	    block_has(&ask.address, now) ? LOGIN_BLOCKED : login_check(&answer->found, &ask, now);
	if (answer->login == LOGIN_YES && question->consume)
		answer->wait = store_hurry();
	if (!told)
		return;
	noise_counts.logins[answer->login]++;
	if (answer->login != LOGIN_YES)
		tell_denied(&(struct tell_denial){.reason = answer->login,
						  .by = question->by,
						  .user = question->user[0] != '\0'
							      ? question->user
							      : question->login,
						  .service = question->service,
						  .address = ask.address,
						  .door = question->door},
			    now);
}

static void take(struct answer *answer, struct admin_result result)
{
	answer->error = result.error;
	answer->number = result.number;
	answer->logins = result.logins;
	answer->wait = result.wait;
}

static void open_door(struct answer *answer, const struct question *question, const struct now *now)
{
	take(answer, admin_open(question, now));
	address_parse(&answer->address, question->subject);
	answer->door = question->door;
}

static void begin_history(struct answer *answer, const struct question *question,
			  const struct now *now)
{
	uint64_t ago_ms = (uint64_t)question->ago_s * 1000;

	answer->since_ms = question->since_ms;
	if (ago_ms > 0)
		answer->since_ms = now->wall_ms > ago_ms ? now->wall_ms - ago_ms : 0;
}

static void begin(struct answer *answer, const struct question *question, uid_t uid,
		  const struct now *now)
{
	switch (question->verb) {
	case QUESTION_CHECK:
		/* Anybody could say that somebody was denied. */
		check(answer, question, question->by[0] != '\0' && uid == 0, now);
		break;
	case QUESTION_OPEN:
		open_door(answer, question, now);
		break;
	case QUESTION_CLOSE:
		take(answer, admin_close(question, now));
		break;
	case QUESTION_BLOCK:
		take(answer, admin_block(question, now));
		break;
	case QUESTION_UNBLOCK:
		take(answer, admin_unblock(question, now));
		break;
	case QUESTION_CLOCK_RESET:
		answer->wait = judge_clock_reset(now);
		break;
	case QUESTION_WATCH:
		answer->cursor.place = watch_place();
		break;
	case QUESTION_HISTORY:
		begin_history(answer, question, now);
		break;
	default:
		break; /* what only tells */
	}
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
	if (answer->error == NULL)
		begin(answer, &question, uid, now);
}

void answers_refuse(struct answer *answer, const char *reason)
{
	*answer = (struct answer){.verb = answer->verb, .error = reason};
}

bool answers_wait(const struct answer *answer, uint64_t done)
{
	if (answer->error != NULL)
		return false;
	if (answer->verb == QUESTION_WATCH)
		return !watch_has(answer->cursor.place);
	if (answer->verb == QUESTION_OPEN) {
		const struct grant *grant = grant_find(answer->number);
		return grant != NULL && !grant_is_open(grant);
	}
	return answer->wait > done;
}

static void put_check(struct page *page, const struct answer *answer)
{
	const struct login_found *found = &answer->found;

	page_put(page, answer->login == LOGIN_YES ? "yes" : "no");
	if (answer->login == LOGIN_YES) {
		page_text(page, "key", holder_key(found->holder)->name);
		page_number(page, "age", found->age_ms / 1000);
		page_number(page, "grant", found->grant);
	} else {
		page_text(page, "reason", login_name(answer->login));
	}
	page_end_line(page);
}

/* The grant; or, where another was asked for at the same time and has replaced it, that one. */
static const struct grant *find_opened(const struct answer *answer)
{
	const struct grant *grant = grant_find(answer->number);

	if (grant == NULL)
		for (grant = grant_first_of(holder_admin()); grant; grant = grant_next_of(grant))
			if (grant_is_open(grant) &&
			    address_equal(&grant->address, &answer->address) &&
			    door_equal(&grant->door, &answer->door))
				break;
	return grant;
}

static void put_open(struct page *page, const struct answer *answer)
{
	const struct grant *grant = find_opened(answer);

	if (grant == NULL) {
		page_put(page, "error reason=firewall\n");
		return;
	}
	page_number(page, "grant", grant->number);
	page_address(page, "addr", &grant->address);
	page_door(page, "door", &grant->door);
	page_moment(page, "until", grant->until_ms);
	page_end_line(page);
}

static void put_closed(struct page *page, const struct answer *answer)
{
	page_number(page, "closed", answer->number);
	page_number(page, "logins", answer->logins);
	page_end_line(page);
}

/* Lines of the answer itself; true: there is no more of it. */
static bool put_body(struct page *page, struct answer *answer, const struct now *now)
{
	if (answer->error != NULL) {
		page_put(page, "%s reason=%s\n", answer->verb == QUESTION_CHECK ? "no" : "error",
			 answer->error);
		return true;
	}
	switch (answer->verb) {
	case QUESTION_CHECK:
		put_check(page, answer);
		return true;
	case QUESTION_STATUS:
		report_status(page, now);
		return true;
	case QUESTION_GRANTS:
		return report_grants(page, &answer->cursor, now);
	case QUESTION_BLOCKS:
		return report_blocks(page, &answer->cursor, now);
	case QUESTION_HISTORY:
		return report_history(page, &answer->cursor, answer->since_ms);
	case QUESTION_WATCH:
		page->used += watch_take(&answer->cursor.place, page->text, page->size);
		return false;
	case QUESTION_OPEN:
		put_open(page, answer);
		return true;
	case QUESTION_CLOSE:
	case QUESTION_BLOCK:
		put_closed(page, answer);
		return true;
	case QUESTION_UNBLOCK:
		page_number(page, "unblocked", answer->number);
		page_end_line(page);
		return true;
	case QUESTION_CLOCK_RESET:
		page_put(page, "clock=%s\n", judge_clock_behind(now) ? "behind" : "ok");
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
