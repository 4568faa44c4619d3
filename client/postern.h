/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of postern: one table, which gives their places, their names and their help. A verb
 * finds its values in call->option[POSTERN_FOR].
 */
#ifndef POSTERN_H
#define POSTERN_H

#include "verb.h"

/*        symbol    name           letter  takes          help */
#define POSTERN_OPTIONS(X)                                                               \
	X(FOR, "for", 0, "TIME", "ask to keep it open for so long (30s, 10m, 1h)")       \
	X(SOURCE, "source", 0, "ADDR|none",                                              \
	  "the address that the server sees; none: leave it out")                        \
	X(IPV4, "ipv4", '4', NULL, "knock at the host's IPv4 addresses only")            \
	X(IPV6, "ipv6", '6', NULL, "knock at the host's IPv6 addresses only")            \
	X(TOKEN, "token", 't', "FILE", "use the token in FILE (- is standard input)")    \
	X(OFFSET, "clock-offset", 0, "TIME", "add this to the clock's time (90s, -10m)") \
	X(DRY_RUN, "dry-run", 'n', NULL, "print what would be sent, send nothing")       \
	X(VIA, "via", 0, "spa|sequence|sequence-udp", "how to knock (sequence is TCP)")  \
	X(PACE, "pace", 0, "MS", "milliseconds between the packets of a sequence")       \
	X(WAIT, "wait", 0, "[TIME]", "wait until the tcp doors answer (10s)")            \
	X(FDPASS, "fdpass", 0, NULL, "hand over the connection, for ProxyUseFdpass")     \
	X(VERBOSE, "verbose", 'v', NULL, "tell each knock on standard error")            \
	X(REPLACE, "replace", 0, NULL, "overwrite an enrolment of the same name")        \
	X(JSON, "json", 0, NULL, "print JSON")

#define POSTERN_ENUM(symbol, name, letter, takes, help) POSTERN_##symbol,
enum postern_option { POSTERN_OPTIONS(POSTERN_ENUM) POSTERN_OPTION_COUNT };
#undef POSTERN_ENUM

#endif
