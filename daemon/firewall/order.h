/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * May this order be carried out? Checked as if a stranger had sent it, against the configuration
 * that came from posternd: a pure function. To close is always allowed.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdint.h>

#include "msg.h"

/* name as logged; the result as acknowledged. */
#define ORDER_FAULTS(X)                                                                       \
	X(NOTHING, "nothing", 0, "nothing is wrong")                                          \
	X(GRANT, "grant", EINVAL, "grant number 0")                                           \
	X(VERB, "verb", EINVAL, "neither open nor close")                                     \
	X(FORM, "form", EINVAL, "bytes that must be zero are not")                            \
	X(KEY, "key", EINVAL, "no key name, or one with other bytes than a name has")         \
	X(DOOR, "door", EPERM, "not among the doors of the configuration")                    \
	X(ADDRESS, "address", EPERM, "an address that is nobody's")                           \
	X(OWN, "own", EPERM, "an address of this host, or of all in a network")               \
	X(SPAN, "span", EPERM, "longer than the configuration's longest grant")               \
	X(OTHER, "other", EPERM, "the number of another grant that lives")                    \
	X(OVER, "over", ETIME, "its end has come")                                            \
	X(SHORT, "short", ETIME, "it would end within the second that a set counts in")       \
	X(OURS, "ours", EPERM, "an address of this host, which it did not have at the start") \
	X(FAMILY, "family", EAFNOSUPPORT, "an address family that this kernel lacks")         \
	X(FULL, "full", ENOSPC, "there are as many grants as fit")                            \
	X(UNKNOWN, "unknown", EIO, "whose the address is could not be found out")             \
	X(COMMIT, "commit", EIO, "the firewall's table could not be written")

#define ORDER_FAULT_ENUM(symbol, name, result, text) ORDER_FAULT_##symbol,
enum order_fault { ORDER_FAULTS(ORDER_FAULT_ENUM) ORDER_FAULTS_COUNT };
#undef ORDER_FAULT_ENUM

/* As far as the order alone, the configuration and the clock (CLOCK_BOOTTIME) can tell: up to SPAN,
 * or OVER. */
enum order_fault order_check(const struct order *order, const struct start *start, uint64_t now_ms);

struct order_about {
	const char *name, *text;
	uint32_t result; /* for the ack */
};
const struct order_about *order_about(enum order_fault fault);
/* Does only an attack, or a bug, make such an order? */
bool order_fault_bad(enum order_fault fault);

#endif
