/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: one event, one line, key=value pairs, to syslog's authpriv or to stderr. For programs;
 * no other file in lib/ calls it. Written for chrooted processes: the descriptor is opened by
 * somebody else and handed over. Keeps errno. Never blocks: a line that syslog will not take is
 * counted, and the count told when it takes lines again.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syslog.h>

#include "address.h"
#include "door.h"

/* name as it stands in the line ("postern-auth"). fd is a datagram socket connected to syslog, or
 * -1 for plain lines on stderr; where that is systemd's journal, with their priority as "<N>". */
void log_start(const char *name, int fd);
/* A fresh, connected, close-on-exec, non-blocking socket to /dev/log, or -1 with errno. */
int log_open(void);
/* False once the socket has failed for good (syslog was restarted): time to end and get another. */
bool log_works(void);

/* Words for a person; one line whatever the arguments hold (control characters become '?'). */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The two ways to die: the world is not as it must be (exit 3); we are not (abort). */
_Noreturn void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void log_bug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An event, put together value by value; values are percent-encoded, long ones cut.
 *     struct log_event e;
 *     log_event(&e, LOG_NOTICE, "refused");
 *     log_text(&e, "key", name);
 *     log_send(&e);                                                                       */
struct log_event {
	int priority;
	size_t used;
	char line[1024];
};

void log_event(struct log_event *event, int priority, const char *name);
void log_text(struct log_event *event, const char *field, const char *value);
void log_number(struct log_event *event, const char *field, int64_t value);
void log_signed(struct log_event *event, const char *field, int64_t value); /* always with + or - */
void log_id(struct log_event *event, const char *field, uint32_t id);       /* 8 hex digits */
void log_address(struct log_event *event, const char *field, const struct address *address);
void log_door(struct log_event *event, const char *field, const struct door *door);
void log_span(struct log_event *event, const char *field, uint32_t seconds);
void log_moment(struct log_event *event, const char *field, uint64_t ms);
void log_send(struct log_event *event);

/* A bucket that lets burst lines through, then one each period; counts what it held back.
 * Zero-initialised apart from the first two. now_ms is any monotonic clock. After a pass the caller
 * tells held, if there is any, and sets it to 0. */
struct log_limit {
	uint32_t burst, period_ms;
	uint64_t full_at_ms;
	uint64_t held; /* since the last line that went through */
};
bool log_limit_pass(struct log_limit *limit, uint64_t now_ms);

#endif
