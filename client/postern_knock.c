/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "postern_knock.h"

#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "crypto.h"
#include "knocking.h"
#include "reach.h"
#include "say.h"
#include "wish.h"

/* The server takes unbound knocks in ascending order of time only, and gathers one sequence at a
 * time; and packets overtake each other: a pause between two knocks. */
enum { PAUSE_MS = 20 };

/* Only TCP answers, and only for a port that is named. */
static int check_wait(const struct wish *wish)
{
	char text[DOOR_TEXT];
	if (wish->wait_ms == 0)
		return SAY_DONE;
	for (unsigned i = 0; i < wish->n_doors; i++) {
		const struct door *door = &wish->doors[i];
		if (door->proto == 0)
			return say(SAY_USAGE, "--wait needs a door to wait for, as tcp/22");
		door_print(text, door);
		if (door->proto != DOOR_TCP)
			return say(SAY_USAGE,
				   "--wait is for tcp doors; %s has no answer to wait for", text);
	}
	return SAY_DONE;
}

/* With -t the NAME may be left out: a DOOR has a slash, a NAME never. */
static int parse_call(struct wish *wish, const struct verb_call *call)
{
	unsigned named = call->n_arguments > 0 && strchr(call->arguments[0], '/') == NULL;
	int code = wish_options(wish, call);
	if (code == SAY_DONE)
		code = wish_doors(wish, call->arguments + named, call->n_arguments - named);
	if (code == SAY_DONE)
		code = check_wait(wish);
	return code == SAY_DONE ? wish_token(wish, call, named ? call->arguments[0] : NULL) : code;
}

/* Each knock at each address; done if all doors were knocked for at one address at least. */
static int knock_all(const struct wish *wish, const struct send_target *targets, size_t n_targets,
		     uint64_t time_ms)
{
	int code = SAY_FAILED;
	for (size_t i = 0; i < n_targets; i++) {
		bool sent = true;
		for (unsigned j = 0; j < wish->n_doors; j++) {
			struct knocking one;
			struct error error;
			if (knocking_make(&one, wish, &targets[i], &wish->doors[j], wish->carrier,
					  time_ms++) != SAY_DONE)
				return SAY_FAILED;
			if (i + j > 0 && !wish->dry_run &&
			    (!targets[i].bound || wish->carrier != CARRIER_SPA))
				clock_pause(PAUSE_MS);
			if (knocking_send(&one, &error) == 0)
				continue;
			say(SAY_FAILED, "%s", error.text);
			sent = false;
		}
		code = sent ? SAY_DONE : code;
	}
	return code;
}

/* Until each door answers at one of the addresses. */
static int wait_for_all(const struct wish *wish, const struct send_target *targets,
			size_t n_targets)
{
	struct reach reach = {.wish = wish, .targets = targets, .n_targets = n_targets};
	reach.deadline_ms = clock_steady_ms() + wish->wait_ms;
	for (unsigned i = 0; i < wish->n_doors; i++) {
		int fd;
		reach.door = wish->doors[i];
		reach.knocks = 1;
		int code = reach_door(&reach, &fd);
		if (code != SAY_DONE)
			return code;
		close(fd);
	}
	return SAY_DONE;
}

static int knock(struct wish *wish)
{
	struct send_target targets[SEND_TARGETS];
	size_t n_targets;
	uint64_t first_ms;
	int code = wish_plan(wish, targets, &n_targets);
	if (code == SAY_DONE)
		code = knocking_take_times(wish, n_targets * wish->n_doors, &first_ms);
	if (code == SAY_DONE)
		code = knock_all(wish, targets, n_targets, first_ms);
	if (code == SAY_DONE && wish->wait_ms > 0)
		code = wait_for_all(wish, targets, n_targets);
	return code;
}

static int run(const struct verb_call *call, enum knock_action action)
{
	struct wish wish = {.action = action};
	int code = parse_call(&wish, call);
	if (code == SAY_DONE)
		code = knock(&wish);
	crypto_wipe(&wish, sizeof wish);
	return code;
}

int postern_knock_open(const struct verb_call *call)
{
	return run(call, KNOCK_OPEN);
}

int postern_knock_close(const struct verb_call *call)
{
	return run(call, KNOCK_CLOSE);
}
