/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check of a received record: whatever the bytes, the roles and the state, it passes only what
 * the table of messages names, at its exact size. Four bytes choose who, to whom, when and the
 * flags; the rest is the record.
 */
#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool may_pass(const struct msg *msg, size_t size, enum role from, enum role self,
		     enum msg_state state)
{
#define ROW(name, sender, to, when, body_type)                                   \
	if (msg->type == MSG_##name)                                             \
		return size == offsetof(struct msg, body) + sizeof(body_type) && \
		       ((sender)&from) && ((to)&self) && ((when)&state) && msg->zero == 0;
	MSG_TABLE(ROW)
#undef ROW
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct msg msg;
	enum msg_fault fault;
	int flags;

	if (size < 4)
		return 0;
	flags = (data[3] & 1 ? MSG_TRUNC : 0) | (data[3] & 2 ? MSG_CTRUNC : 0);
	memset(&msg, 0, sizeof(msg));
	memcpy(&msg, data + 4, size - 4 < sizeof(msg) ? size - 4 : sizeof(msg));
	fault = msg_check(&msg, size - 4, flags, data[0], data[1], data[2]);
	assert(fault < MSG_FAULTS_COUNT);
	assert((fault == MSG_FAULT_NOTHING) ==
	       (flags == 0 && may_pass(&msg, size - 4, data[0], data[1], data[2])));
	return 0;
}
