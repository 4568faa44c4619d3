/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "encoding.h"
#include "error.h"
#include "when.h"

enum {
	TEXT = sizeof((struct log_event *)0)->line,
	VALUE = 256, /* longest printed value, with its terminator: a line holds several */
	NAME = 32,
	DATAGRAM = TEXT + NAME + 64
};

/* A process has one log. */
static struct {
	char name[NAME];
	int fd;
	long pid;
	bool broken;
	bool journal;  /* stderr is a stream of systemd's journal */
	uint64_t lost; /* lines that syslog did not take, not yet told */
} log_to = {.name = "postern", .fd = -1};

/* What systemd.exec(5) has JOURNAL_STREAM for; but a child has no environment. */
static bool is_journal(int fd)
{
	static const char begins[] = "/run/systemd/journal", ends[] = "/stdout";
	struct sockaddr_un peer = {.sun_family = AF_UNSPEC};
	socklen_t size = sizeof peer - 1; /* a terminator is left */

	if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 || peer.sun_family != AF_UNIX)
		return false;
	size_t length = strlen(peer.sun_path), tail = strlen(ends);
	return strncmp(peer.sun_path, begins, strlen(begins)) == 0 && length > tail &&
	       strcmp(peer.sun_path + length - tail, ends) == 0;
}

void log_start(const char *name, int fd)
{
	snprintf(log_to.name, sizeof log_to.name, "%s", name);
	log_to.fd = fd;
	log_to.pid = (long)getpid();
	log_to.broken = false;
	log_to.journal = fd < 0 && is_journal(STDERR_FILENO);
	/* Reads the time zone's file now: later there may be an empty root and a sandbox. From here
	 * on localtime_r is used, which, unlike localtime, never looks at the file again. */
	tzset();
}

int log_open(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		int why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

bool log_works(void)
{
	return !log_to.broken;
}

/* RFC 3164's time, in English whatever the locale is. */
static void print_time(char *text, size_t size)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL)
		memset(&tm, 0, sizeof tm);
	snprintf(text, size, "%.3s %2d %02d:%02d:%02d", months + 3 * (tm.tm_mon % 12), tm.tm_mday,
		 tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void send_line(int priority, const char *text)
{
	char datagram[DATAGRAM], when[32];

	print_time(when, sizeof when);
	int size = snprintf(datagram, sizeof datagram, "<%d>%s %s[%ld]: %s",
			    LOG_AUTHPRIV | priority, when, log_to.name, log_to.pid, text);
	if (send(log_to.fd, datagram, (size_t)size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return;
	log_to.lost++;
	/* Full or short of memory passes; all else is a syslog that is no more. */
	if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS && errno != ENOMEM)
		log_to.broken = true;
}

/* What was lost comes first, so that the gap is where it belongs. */
static void tell_lost(void)
{
	uint64_t lost = log_to.lost;
	char text[96];

	if (lost == 0)
		return;
	snprintf(text, sizeof text, "log lines lost, which syslog did not take: %" PRIu64, lost);
	log_to.lost = 0;
	send_line(LOG_WARNING, text);
	if (log_to.lost > 0)
		log_to.lost = lost;
}

/* The journal takes a priority from the line, and the facility from the unit. */
static void print_line(int priority, const char *text)
{
	char line[DATAGRAM], before[8] = "";
	if (log_to.journal)
		snprintf(before, sizeof before, "<%d>", priority);
	int size = snprintf(line, sizeof line, "%s%s: %s\n", before, log_to.name, text);

	if (write(STDERR_FILENO, line, (size_t)size) < 0)
		return; /* nobody is left to tell */
}

static void put(int priority, const char *text)
{
	if (log_to.fd < 0) {
		print_line(priority, text);
	} else if (log_to.broken) {
		log_to.lost++;
	} else {
		tell_lost();
		send_line(priority, text);
	}
}

__attribute__((format(printf, 2, 0))) static void words(int priority, const char *format,
							va_list arguments)
{
	char text[TEXT];
	int keep = errno;

	vsnprintf(text, sizeof text, format, arguments);
	error_one_line(text);
	put(priority, text);
	errno = keep;
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	words(LOG_INFO, format, arguments);
	va_end(arguments);
}

void log_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	words(LOG_WARNING, format, arguments);
	va_end(arguments);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	words(LOG_ERR, format, arguments);
	va_end(arguments);
}

void log_fatal(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	words(LOG_CRIT, format, arguments);
	va_end(arguments);
	exit(3);
}

void log_bug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	words(LOG_CRIT, format, arguments);
	va_end(arguments);
	abort();
}

void log_event(struct log_event *event, int priority, const char *name)
{
	event->priority = priority;
	event->used = 0;
	event->line[0] = '\0';
	event->used = (size_t)snprintf(event->line, VALUE, "event=%s", name);
}

/* text holds no character that percent-encoding would change. A field for which there is no room
 * is left out whole. */
static void append(struct log_event *event, const char *field, const char *text)
{
	size_t room = sizeof event->line - event->used;
	int size = snprintf(event->line + event->used, room, " %s=%s", field, text);

	if (size > 0 && (size_t)size < room)
		event->used += (size_t)size;
	else
		event->line[event->used] = '\0';
}

void log_text(struct log_event *event, const char *field, const char *value)
{
	char text[VALUE];

	encoding_percent_encode(text, sizeof text, value);
	append(event, field, text);
}

void log_number(struct log_event *event, const char *field, int64_t value)
{
	char text[VALUE];

	snprintf(text, sizeof text, "%" PRId64, value);
	append(event, field, text);
}

void log_signed(struct log_event *event, const char *field, int64_t value)
{
	char text[VALUE];

	snprintf(text, sizeof text, "%+" PRId64, value);
	append(event, field, text);
}

void log_id(struct log_event *event, const char *field, uint32_t id)
{
	char text[VALUE];

	snprintf(text, sizeof text, "%08" PRIx32, id);
	append(event, field, text);
}

void log_address(struct log_event *event, const char *field, const struct address *address)
{
	char text[ADDRESS_TEXT];

	address_print(text, address);
	append(event, field, text);
}

void log_door(struct log_event *event, const char *field, const struct door *door)
{
	char text[DOOR_TEXT];

	door_print(text, door);
	append(event, field, text);
}

void log_span(struct log_event *event, const char *field, uint32_t seconds)
{
	char text[WHEN_SPAN_TEXT];

	when_span_print(text, seconds);
	append(event, field, text);
}

void log_moment(struct log_event *event, const char *field, uint64_t ms)
{
	char text[WHEN_MOMENT_TEXT];

	when_moment_print(text, ms);
	append(event, field, text);
}

void log_send(struct log_event *event)
{
	int keep = errno;

	put(event->priority, event->line);
	errno = keep;
}

bool log_limit_pass(struct log_limit *limit, uint64_t now_ms)
{
	uint64_t most = (uint64_t)limit->burst * limit->period_ms;
	uint64_t debt = limit->full_at_ms > now_ms ? limit->full_at_ms - now_ms : 0;

	if (debt > most)
		debt = most; /* a clock that went back must not silence for long */
	if (debt + limit->period_ms > most) {
		limit->full_at_ms = now_ms + debt;
		limit->held++;
		return false;
	}
	limit->full_at_ms = now_ms + debt + limit->period_ms;
	return true;
}
