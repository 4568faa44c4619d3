/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "encoding.h"

enum { AGAIN_MS = 20, SERVICE = 16 };

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 3))) static void put(char line[static ASK_LINE],
						      const char *format, ...)
{
	size_t used = strlen(line);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line + used, ASK_LINE - used, format, arguments);
	va_end(arguments);
}

/* The value is cut to so many bytes. */
static void put_encoded(char line[static ASK_LINE], const char *field, const char *value,
			size_t size)
{
	char cut[257], encoded[ENCODING_PERCENT_TEXT(256)];
	snprintf(cut, size < sizeof cut ? size : sizeof cut, "%s", value);
	encoding_percent_encode(encoded, sizeof encoded, cut);
	put(line, " %s=%s", field, encoded);
}

/* A user of 256 bytes that must all be escaped, and all else there can be, are less than a line. */
static void put_question(char line[static ASK_LINE], const struct check *check)
{
	char address[ADDRESS_TEXT], door[DOOR_TEXT];
	line[0] = '\0';
	address_print(address, &check->address);
	put(line, "check %s", address);
	if (check->user != NULL)
		put_encoded(line, "user", check->user, 257);
	if (check->door != NULL) {
		door_print(door, check->door);
		put(line, " door=%s", door);
	}
	if (check->has_max_age)
		put(line, " max-age=%u", check->max_age_s);
	if (check->consume)
		put(line, " consume");
	if (check->by == NULL)
		return;
	put(line, " by=%s", check->by);
	if (check->service != NULL && check->service[0] != '\0')
		put_encoded(line, "service", check->service, SERVICE);
	if (check->user == NULL && check->login != NULL && check->login[0] != '\0')
		put_encoded(line, "login", check->login, 257);
}

bool check_read(char reason[static CHECK_REASON], const char *line)
{
	static const char yes[] = "yes key=", no[] = "no reason=";
	const char *why = line + sizeof no - 1;
	reason[0] = '\0';
	if (strncmp(line, yes, sizeof yes - 1) == 0)
		return true;
	size_t length =
	    strncmp(line, no, sizeof no - 1) == 0 ? strspn(why, "abcdefghijklmnopqrstuvwxyz-") : 0;
	bool valid = length > 0 && length < CHECK_REASON && why[length] == '\0';
	strcpy(reason, valid ? why : "no-daemon");
	return false;
}

static bool take(void *context, const char *line)
{
	snprintf(context, ASK_LINE, "%s", line);
	return false;
}

bool check_ask(struct check_answer *answer, const char *socket, const struct check *check)
{
	int64_t end_ms = now_ms() + CHECK_WAIT_MS, left_ms = CHECK_WAIT_MS;
	enum ask_result result;
	bool missed = false;
	*answer = (struct check_answer){.line = ""};
	put_question(answer->question, check);
	for (;;) {
		result = ask(socket, answer->question, (int)left_ms, 0, take, answer->line,
			     &answer->error);
		left_ms = end_ms - now_ms() - AGAIN_MS;
		if ((result != ASK_NO_DAEMON && result != ASK_BROKEN) || left_ms <= 0)
			break;
		missed = true;
		poll(NULL, 0, AGAIN_MS);
	}
	if (result == ASK_OK)
		return check_read(answer->reason, answer->line);
	/* The last try may have had no more than a millisecond: what the others found is the reason. */
	strcpy(answer->reason, result == ASK_TIMEOUT && !missed ? "timeout" : "no-daemon");
	return false;
}
