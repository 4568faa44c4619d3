/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "source log": the firewall's log as syslog writes it to a file. posternd follows the file
 * (follow.h) and lets the kernel move its bytes into a pipe; capture has the pipe's other end, and
 * splits what comes into lines, from the first newline on. There is no payload in a log, so it gives no single packets.
 */
#ifndef LOGTEXT_H
#define LOGTEXT_H

#include "source.h"

extern const struct source logtext_source;

/* Some bytes of the log: lines that end in them are parsed, and what is left over is kept for the next.
 * Apart from read so that it can be fuzzed. */
void logtext_take(const char *bytes, size_t size, source_take *take, void *context,
		  struct source_news *news);

#endif
