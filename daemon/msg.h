/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every message between the processes: read this first. One table gives the enum, the names, the
 * sizes and who may send what to whom. Messages are structs of fixed size, one to a SOCK_SEQPACKET
 * record; a record of another size, of an unknown type, from the wrong sender or at the wrong time
 * ends its receiver, with a log line. There is one function that receives.
 */
#ifndef MSG_H
#define MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "config.h"
#include "door.h"
#include "mark.h"
#include "name.h"
#include "packet.h"
#include "source.h"

/* A process' part. Bits, so that a table entry can name several receivers. */
enum role {
	ROLE_POSTERND = 1,
	ROLE_CAPTURE = 2,
	ROLE_AUTH = 4,
	ROLE_FIREWALL = 8,
	ROLE_CHILD = ROLE_CAPTURE | ROLE_AUTH | ROLE_FIREWALL
};

/* When a message may come: before the start message, while auth hands over the grants of an earlier
 * life, or after that. Bits. */
enum msg_state { MSG_STARTING = 1, MSG_RESTORING = 2, MSG_RUNNING = 4 };

/* REFUSED: the latest reload came to nothing; the configuration and the keys before stay in force. */
enum { MSG_WHY = 320 };
struct refused {
	uint64_t count;    /* since posternd began */
	char why[MSG_WHY]; /* "" once another has succeeded */
};

/* START: all that a child must know, once, before anything else. */
enum { MSG_OWN = 64, MSG_BOOT_ID = 37 };
struct start {
	struct config config;
	char boot_id[MSG_BOOT_ID]; /* /proc/sys/kernel/random/boot_id */
	char root[CONFIG_PATH];    /* to chroot into */
	uint32_t uid, gid;         /* to become */
	struct refused refused;
	char config_mark[MARK_TEXT], keys_mark[MARK_TEXT]; /* of the files, as they were read */
	uint32_t n_sources; /* capture: descriptors handed over, from PROCESS_FIRST on */
	uint32_t source_kind[SOURCE_DESCRIPTORS];
	uint32_t n_own; /* the host's own addresses, as of now */
	struct address own[MSG_OWN];
};

/* SIGHTING: what capture saw: one packet, and nothing to tell beside it. SIGHTINGS: anything else.
 * Each is a copy and a wake-up: of a knock on a calm day a small one, of a flood few. */
enum { SIGHTINGS_BATCH = 200 };
struct sightings {
	uint32_t count;
	uint32_t lost;    /* since the last message: times the kernel dropped some */
	uint64_t ignored; /* since the last message: packets no carrier wants */
	struct sighting list[SIGHTINGS_BATCH];
};

/* ORDER: open a door for one address until a moment, or close it again. A grant that is ordered
 * again is replaced. */
enum order_verb { ORDER_OPEN = 1, ORDER_CLOSE };
struct order {
	uint64_t grant;    /* its number, never 0 */
	uint64_t until_ms; /* CLOCK_BOOTTIME: no step of the wall clock moves it */
	struct address address;
	struct door door;
	uint32_t verb;       /* enum order_verb */
	char key[NAME_SIZE]; /* for the rule's comment */
	char zero[7];
};

/* COMING: an order for this address may follow within moments, once its record is durable. It asks
 * for nothing to be changed, only that what an order needs be at hand. */
struct coming {
	struct address address;
};

/* RESTORED: the orders so far were the living grants of an earlier life; commit nothing before. */
struct restored {
	uint64_t count;
};

/* VACATE: the configuration to come has its rules elsewhere: at its end, which follows, the firewall is to
 * leave none where they stand now, and to say so by its status. */
struct vacate {
	uint64_t zero;
};

/* ACK: what became of an order. For orders before RESTORED it comes after that. */
struct ack {
	uint64_t grant;
	uint32_t verb;   /* the order's */
	uint32_t result; /* 0 done, else errno-like */
};

/* clang-format off */
/*        name       from           to             when                         body */
#define MSG_TABLE(X)                                                                               \
	X(START,     ROLE_POSTERND, ROLE_CHILD,    MSG_STARTING,                struct start)      \
	X(SIGHTINGS, ROLE_CAPTURE,  ROLE_AUTH,     MSG_RUNNING,                 struct sightings)  \
	X(ORDER,     ROLE_AUTH,     ROLE_FIREWALL, MSG_RESTORING | MSG_RUNNING, struct order)      \
	X(RESTORED,  ROLE_AUTH,     ROLE_FIREWALL, MSG_RESTORING,               struct restored)   \
	X(ACK,       ROLE_FIREWALL, ROLE_AUTH,     MSG_RESTORING | MSG_RUNNING, struct ack)        \
	X(SIGHTING,  ROLE_CAPTURE,  ROLE_AUTH,     MSG_RUNNING,                 struct sighting)   \
	X(COMING,    ROLE_AUTH,     ROLE_FIREWALL, MSG_RUNNING,                 struct coming)     \
	X(VACATE,    ROLE_POSTERND, ROLE_FIREWALL, MSG_RUNNING,                 struct vacate)     \
	X(REFUSED,   ROLE_POSTERND, ROLE_AUTH,     MSG_RUNNING,                 struct refused)
/* clang-format on */

#define MSG_ENUM(name, from, to, when, body) MSG_##name,
enum msg_type { MSG_NONE, MSG_TABLE(MSG_ENUM) MSG_TYPES };
#undef MSG_ENUM

const char *msg_name(enum msg_type type);
size_t msg_size(enum msg_type type);  /* of the body */
const char *msg_role(enum role role); /* "capture" */

/* One message, any body. */
struct msg {
	uint32_t type; /* enum msg_type */
	uint32_t zero;
	union {
#define MSG_BODY(name, from, to, when, body) body name;
		MSG_TABLE(MSG_BODY)
#undef MSG_BODY
	} body;
};

/* Sends; size comes from the type. Never waits. 0, or -1 with errno: EAGAIN when the receiver is
 * behind or the kernel short of memory, EPIPE when it has gone. */
int msg_send(int channel, enum msg_type type, const void *body);

/* What is wrong with a record; the name stands in the log. */
#define MSG_FAULTS(X)                     \
	X(NOTHING, "nothing")             \
	X(DESCRIPTOR, "descriptor-along") \
	X(TYPE, "type")                   \
	X(SENDER, "sender")               \
	X(RECEIVER, "receiver")           \
	X(STATE, "state")                 \
	X(SIZE, "size")

#define MSG_FAULT_ENUM(symbol, name) MSG_FAULT_##symbol,
enum msg_fault { MSG_FAULTS(MSG_FAULT_ENUM) MSG_FAULTS_COUNT };
#undef MSG_FAULT_ENUM

/* The check itself, pure: may this record of size bytes, received with these flags of recvmsg(2),
 * come from that role to this one in this state? */
enum msg_fault msg_check(const struct msg *msg, size_t size, int flags, enum role from,
			 enum role self, enum msg_state state);

/* The one function that receives. 1: *msg is a message that this role may get from that one in
 * this state. 0: nothing there (EAGAIN). -1: the peer has gone. Anything else is logged as an attack
 * and ends the process; descriptors that came along do too. */
int msg_receive(int channel, struct msg *msg, enum role from, enum role self, enum msg_state state);

#endif
