/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "clock.h"
#include "say.h"

enum answer { ANSWER_NONE, ANSWER_YES, ANSWER_NO, ANSWER_OTHER };

/* "yes", "Y", " no " */
static enum answer meaning(char *line)
{
	static const char blanks[] = " \t\r";
	line += strspn(line, blanks);
	size_t length = strlen(line);
	while (length > 0 && strchr(blanks, line[length - 1]) != NULL)
		line[--length] = '\0';
	if (strcasecmp(line, "yes") == 0 || strcasecmp(line, "y") == 0)
		return ANSWER_YES;
	if (strcasecmp(line, "no") == 0 || strcasecmp(line, "n") == 0)
		return ANSWER_NO;
	return ANSWER_OTHER;
}

/* One line, until then. Byte by byte, for what comes after is not ours. */
static enum answer hear_line(int64_t end)
{
	char line[80] = "";
	size_t used = 0;
	for (;;) {
		struct pollfd poll_fd = {.fd = STDIN_FILENO, .events = POLLIN};
		int64_t left = end - clock_steady_ms();
		char byte;
		int ready = left <= 0 ? 0 : poll(&poll_fd, 1, (int)left);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || read(STDIN_FILENO, &byte, 1) != 1)
			return ANSWER_NONE;
		if (byte == '\n')
			break;
		if (used < sizeof line - 1)
			line[used++] = byte;
	}
	return meaning(line);
}

bool answer_yes(int64_t end)
{
	enum answer answer;
	while ((answer = hear_line(end)) == ANSWER_OTHER)
		say_lines("Type yes or no: ");
	if (answer == ANSWER_NONE)
		say_lines("\n");
	return answer == ANSWER_YES;
}
