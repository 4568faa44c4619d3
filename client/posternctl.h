/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of posternctl: one table, which gives their places, their names and their help. A
 * verb finds its values in call->option[CTL_HOST].
 */
#ifndef POSTERNCTL_H
#define POSTERNCTL_H

#include "verb.h"

/*        symbol   name          letter  takes       help */
#define CTL_OPTIONS(X)                                                                       \
	X(FILE, "file", 'f', "FILE", "the configuration")                                    \
	X(KEYS, "keys", 'k', "FILE", "this key file, without configuration, daemon or root") \
	X(HOST, "host", 0, "HOST", "the server's name or address as the client will use it") \
	X(OPEN, "open", 0, "DOOR,...", "what the key may open (tcp/22)")                     \
	X(FOR, "for", 0, "TIME", "how long; for a key, if the knock does not say")           \
	X(MAX, "max", 0, "TIME", "the longest that a knock may ask for")                     \
	X(FROM, "from", 0, "CIDR,...", "where it may knock from")                            \
	X(USER, "user", 0, "LOGIN,...", "the login names that it stands for; to check: one") \
	X(EXPIRES, "expires", 0, "DATE", "from then on it is refused (2027-01-01, UTC)")     \
	X(NAT, "nat", 0, NULL, "it may knock from behind address translation")               \
	X(CODE, "code", 0, NULL, "it may knock by rolling code: not in this version yet")    \
	X(SPA, "spa", 0, "PORTS", "with -k: the server's ports for single packets")          \
	X(SEQUENCE, "seq", 0, "PORTS", "with -k: the server's ports for sequences")          \
	X(OVERLAP, "overlap", 0, "TIME", "how long the old key stays in force (24h)")        \
	X(QR, "qr", 0, NULL, "print the token as a QR code too")                             \
	X(BACKEND, "backend", 0, "NAME", "iptc, ipset, nft or none, whatever the host has")  \
	X(WITHIN, "within", 0, "TIME", "how long to wait for a yes (60s)")                   \
	X(YES, "yes", 0, NULL, "do not wait for a yes")                                      \
	X(SINCE, "since", 0, "TIME|DATE", "from so long ago (7d), or from then on, UTC")     \
	X(DOOR, "door", 0, "DOOR|any", "which door (tcp/22)")                                \
	X(MAX_AGE, "max-age", 0, "TIME", "how old a knock may be; else its grant must live") \
	X(PROMETHEUS, "prometheus", 0, NULL, "print metrics for a textfile collector")       \
	X(JSON, "json", 0, NULL, "print JSON")

#define CTL_ENUM(symbol, name, letter, takes, help) CTL_##symbol,
enum ctl_option { CTL_OPTIONS(CTL_ENUM) CTL_OPTION_COUNT };
#undef CTL_ENUM

#endif
