/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "msg.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "log.h"

static const struct {
	const char *name;
	uint32_t from, to, when;
	size_t size;
} table[MSG_TYPES] = {
#define ENTRY(name, from, to, when, body) [MSG_##name] = {#name, from, to, when, sizeof(body)},
    MSG_TABLE(ENTRY)
#undef ENTRY
};

static bool known(uint32_t type)
{
	return type > MSG_NONE && type < MSG_TYPES;
}

const char *msg_name(enum msg_type type)
{
	return known(type) ? table[type].name : "?";
}

size_t msg_size(enum msg_type type)
{
	return known(type) ? table[type].size : 0;
}

const char *msg_role(enum role role)
{
	switch (role) {
	case ROLE_POSTERND:
		return "posternd";
	case ROLE_CAPTURE:
		return "capture";
	case ROLE_AUTH:
		return "auth";
	case ROLE_FIREWALL:
		return "firewall";
	case ROLE_CHILD:
		break;
	}
	return "?";
}

int msg_send(int channel, enum msg_type type, const void *body)
{
	struct msg head = {.type = type};
	struct iovec parts[] = {
	    {.iov_base = &head, .iov_len = offsetof(struct msg, body)},
	    {.iov_base = (void *)(uintptr_t)body, .iov_len = msg_size(type)},
	};
	struct msghdr record = {.msg_iov = parts, .msg_iovlen = 2};

	if (!known(type))
		log_bug("sending a message of no type");
	/* One record goes out whole or not at all. */
	if (sendmsg(channel, &record, MSG_DONTWAIT | MSG_NOSIGNAL) != -1)
		return 0;
	if (errno == ENOBUFS || errno == ENOMEM) /* that passes, too */
		errno = EAGAIN;
	return -1;
}

enum msg_fault msg_check(const struct msg *msg, size_t size, int flags, enum role from,
			 enum role self, enum msg_state state)
{
	if (flags & MSG_CTRUNC)
		return MSG_FAULT_DESCRIPTOR;
	if (flags & MSG_TRUNC || size < offsetof(struct msg, body))
		return MSG_FAULT_SIZE;
	if (!known(msg->type) || msg->zero != 0)
		return MSG_FAULT_TYPE;
	if (!(table[msg->type].from & from))
		return MSG_FAULT_SENDER;
	if (!(table[msg->type].to & self))
		return MSG_FAULT_RECEIVER;
	if (!(table[msg->type].when & state))
		return MSG_FAULT_STATE;
	if (size != offsetof(struct msg, body) + table[msg->type].size)
		return MSG_FAULT_SIZE;
	return MSG_FAULT_NOTHING;
}

static _Noreturn void die_of(enum msg_fault fault, const struct msg *msg, size_t size,
			     enum role from)
{
	static const char *const names[MSG_FAULTS_COUNT] = {
#define NAME(symbol, name) [MSG_FAULT_##symbol] = name,
	    MSG_FAULTS(NAME)
#undef NAME
	};
	struct log_event event;

	log_event(&event, LOG_ALERT, "attack");
	log_text(&event, "what", "bad-message");
	log_text(&event, "from", msg_role(from));
	log_number(&event, "type", msg->type);
	log_number(&event, "size", (int64_t)size);
	log_text(&event, "why", names[fault]);
	log_send(&event);
	log_fatal("%s sent what it may not send; ending", msg_role(from));
}

/* A record without a byte reads like the end of the channel; but then the peer has not gone. */
static bool has_gone(int channel)
{
	struct pollfd peer = {.fd = channel};

	return poll(&peer, 1, 0) == 1 && (peer.revents & POLLHUP) != 0;
}

int msg_receive(int channel, struct msg *msg, enum role from, enum role self, enum msg_state state)
{
	struct iovec whole = {.iov_base = msg, .iov_len = sizeof(*msg)};
	/* No room for control data: the kernel drops descriptors that come along, without ever
	 * installing them, and says so by MSG_CTRUNC. */
	struct msghdr record = {.msg_iov = &whole, .msg_iovlen = 1};
	enum msg_fault fault;
	ssize_t size;

	msg->type = MSG_NONE;
	msg->zero = 0;
	do
		size = recvmsg(channel, &record, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (size == -1 && errno == EINTR);
	if (size == -1 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (size == -1 && errno != ECONNRESET)
		log_fatal("cannot receive from %s: %s", msg_role(from), strerror(errno));
	if (size == -1 || (size == 0 && !(record.msg_flags & MSG_CTRUNC) && has_gone(channel)))
		return -1;
	fault = msg_check(msg, (size_t)size, record.msg_flags, from, self, state);
	if (fault != MSG_FAULT_NOTHING)
		die_of(fault, msg, (size_t)size, from);
	return 1;
}
