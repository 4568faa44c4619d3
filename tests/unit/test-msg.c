/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every message one byte short, one byte long, from each wrong role, to each wrong role, in each
 * wrong state, with a descriptor: each ends its receiver, and the log says why.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "msg.h"
#include "unit.h"

static const enum role roles[] = {ROLE_POSTERND, ROLE_CAPTURE, ROLE_AUTH, ROLE_FIREWALL};
static const enum msg_state states[] = {MSG_STARTING, MSG_RESTORING, MSG_RUNNING};

static const struct route {
	enum msg_type type;
	uint32_t from, to, when;
	size_t size;
} routes[] = {
#define ROUTE(name, from, to, when, body) {MSG_##name, from, to, when, sizeof(body)},
    MSG_TABLE(ROUTE)
#undef ROUTE
};

static int channel[2];
static struct msg msg;

static int open_channel(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel);
}

static int close_channel(void **state)
{
	(void)state;
	close(channel[0]);
	close(channel[1]);
	return 0;
}

static size_t record_size(const struct route *route)
{
	return offsetof(struct msg, body) + route->size;
}

static enum role one_of(uint32_t set)
{
	for (size_t i = 0; i < COUNT(roles); i++)
		if (set & roles[i])
			return roles[i];
	fail();
	return 0;
}

static enum msg_state state_of(uint32_t set)
{
	for (size_t i = 0; i < COUNT(states); i++)
		if (set & states[i])
			return states[i];
	fail();
	return 0;
}

static void send_raw(uint32_t type, size_t size, int descriptor)
{
	static char record[sizeof(struct msg) + 64];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec whole = {.iov_base = record, .iov_len = size};
	struct msghdr head = {.msg_iov = &whole, .msg_iovlen = 1};

	memset(record, 0, sizeof(record));
	memcpy(record, &type, sizeof(type));
	if (descriptor != -1) {
		head.msg_control = control.bytes;
		head.msg_controllen = sizeof(control.bytes);
		*CMSG_FIRSTHDR(&head) = (struct cmsghdr){
		    .cmsg_level = SOL_SOCKET,
		    .cmsg_type = SCM_RIGHTS,
		    .cmsg_len = CMSG_LEN(sizeof(int)),
		};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&head)), &descriptor, sizeof(descriptor));
	}
	assert_int_equal(sendmsg(channel[0], &head, 0), (ssize_t)size);
}

/* In a child whose stderr is the test's pipe. */
static _Noreturn void receive_and_exit(int log, enum role from, enum role self,
				       enum msg_state state)
{
	dup2(log, STDERR_FILENO);
	log_start("test", -1);
	_exit(msg_receive(channel[1], &msg, from, self, state) == 1 ? 100 : 101);
}

static void assert_deadly(enum role from, enum role self, enum msg_state state, const char *why)
{
	char text[1024] = "", wanted[64];
	size_t used = 0;
	ssize_t got;
	int log[2], status;
	pid_t pid;

	assert_int_equal(pipe(log), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		receive_and_exit(log[1], from, self, state);
	close(log[1]);
	while ((got = read(log[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)got;
	close(log[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	snprintf(wanted, sizeof(wanted), "why=%s", why);
	assert_non_null(strstr(text, "event=attack what=bad-message"));
	assert_non_null(strstr(text, wanted));
	/* The child took it from the queue that we share. */
	assert_int_equal(recv(channel[1], &msg, sizeof(msg), MSG_DONTWAIT), -1);
}

static void takes_what_it_may_get(void **state)
{
	static union {
		struct start start;
		char bytes[sizeof(struct msg)];
	} body;

	(void)state;
	for (size_t i = 0; i < sizeof(body); i++)
		body.bytes[i] = (char)i;
	for (size_t i = 0; i < COUNT(routes); i++) {
		const struct route *r = &routes[i];
		memset(&msg, 0xff, sizeof(msg));
		assert_int_equal(msg_send(channel[0], r->type, &body), 0);
		assert_int_equal(msg_receive(channel[1], &msg, one_of(r->from), one_of(r->to),
					     state_of(r->when)),
				 1);
		assert_int_equal(msg.type, r->type);
		assert_memory_equal(&msg.body, &body, r->size);
	}
}

static void knows_names_and_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(routes); i++)
		assert_int_equal(msg_size(routes[i].type), routes[i].size);
	assert_string_equal(msg_name(MSG_SIGHTINGS), "SIGHTINGS");
	assert_string_equal(msg_name(MSG_TYPES), "?");
	assert_int_equal(msg_size(MSG_NONE), 0);
	assert_string_equal(msg_role(ROLE_FIREWALL), "firewall");
	assert_string_equal(msg_role(ROLE_CHILD), "?");
}

static void tells_nothing_from_gone(void **state)
{
	(void)state;
	assert_int_equal(msg_receive(channel[1], &msg, ROLE_AUTH, ROLE_FIREWALL, MSG_RUNNING), 0);
	close(channel[0]);
	assert_int_equal(msg_receive(channel[1], &msg, ROLE_AUTH, ROLE_FIREWALL, MSG_RUNNING), -1);
	channel[0] = open("/dev/null", O_RDONLY);
}

static void tells_gone_with_something_unread(void **state)
{
	static struct ack ack;

	(void)state;
	assert_int_equal(msg_send(channel[1], MSG_ACK, &ack), 0);
	close(
	    channel[0]); /* with the acknowledgement unread: the next receive fails by ECONNRESET */
	assert_int_equal(msg_receive(channel[1], &msg, ROLE_AUTH, ROLE_FIREWALL, MSG_RUNNING), -1);
	assert_int_equal(msg_send(channel[1], MSG_ACK, &ack), -1);
	assert_int_equal(errno, EPIPE);
	channel[0] = open("/dev/null", O_RDONLY);
}

/* A record without a byte reads like the end, but the peer is there. */
static void dies_of_nothing(void **state)
{
	(void)state;
	assert_int_equal(send(channel[0], "", 0, 0), 0);
	assert_deadly(ROLE_CAPTURE, ROLE_AUTH, MSG_RUNNING, "size");
	assert_int_equal(msg_receive(channel[1], &msg, ROLE_CAPTURE, ROLE_AUTH, MSG_RUNNING), 0);
}

static void never_waits(void **state)
{
	static struct sightings sightings;
	int result = 0;

	(void)state;
	for (int i = 0; i < 100000 && result == 0; i++)
		result = msg_send(channel[0], MSG_SIGHTINGS, &sightings);
	assert_int_equal(result, -1);
	assert_int_equal(errno, EAGAIN);
}

static void start_fits_a_record(void **state)
{
	static struct start start;

	(void)state;
	/* With the least that a host's net.core.wmem_default can give, posternd asks for more. */
	int room = 64 * 1024;
	assert_int_equal(setsockopt(channel[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
	assert_int_equal(msg_send(channel[0], MSG_START, &start), 0);
	assert_true(sizeof(struct msg) < 16 * 1024);
}

static void dies_of_a_wrong_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(routes); i++) {
		const struct route *r = &routes[i];
		for (int off = -1; off <= 1; off += 2) {
			send_raw(r->type, record_size(r) + (size_t)off, -1);
			assert_deadly(one_of(r->from), one_of(r->to), state_of(r->when), "size");
		}
		send_raw(r->type, offsetof(struct msg, body) - 1, -1);
		assert_deadly(one_of(r->from), one_of(r->to), state_of(r->when), "size");
	}
}

static void dies_of_more_than_any(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(routes); i++) {
		const struct route *r = &routes[i];
		send_raw(r->type, sizeof(struct msg) + 1, -1);
		assert_deadly(one_of(r->from), one_of(r->to), state_of(r->when), "size");
	}
}

static void dies_of_a_wrong_role(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(routes); i++)
		for (size_t j = 0; j < COUNT(roles); j++) {
			const struct route *r = &routes[i];
			if (!(r->from & roles[j])) {
				send_raw(r->type, record_size(r), -1);
				assert_deadly(roles[j], one_of(r->to), state_of(r->when), "sender");
			}
			if (!(r->to & roles[j])) {
				send_raw(r->type, record_size(r), -1);
				assert_deadly(one_of(r->from), roles[j], state_of(r->when),
					      "receiver");
			}
		}
}

static void dies_in_a_wrong_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(routes); i++)
		for (size_t j = 0; j < COUNT(states); j++) {
			const struct route *r = &routes[i];
			if (r->when & states[j])
				continue;
			send_raw(r->type, record_size(r), -1);
			assert_deadly(one_of(r->from), one_of(r->to), states[j], "state");
		}
}

static void dies_of_a_descriptor(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(routes); i++) {
		const struct route *r = &routes[i];
		send_raw(r->type, record_size(r), STDIN_FILENO);
		assert_deadly(one_of(r->from), one_of(r->to), state_of(r->when),
			      "descriptor-along");
	}
}

static void dies_of_an_unknown_type(void **state)
{
	static const uint32_t types[] = {MSG_NONE, MSG_TYPES, 0x80000000, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		send_raw(types[i], 64, -1);
		assert_deadly(ROLE_AUTH, ROLE_FIREWALL, MSG_RUNNING, "type");
	}
}

int main(void)
{
#define WITH_CHANNEL(test) cmocka_unit_test_setup_teardown(test, open_channel, close_channel)
	const struct CMUnitTest tests[] = {
	    WITH_CHANNEL(takes_what_it_may_get),
	    cmocka_unit_test(knows_names_and_sizes),
	    WITH_CHANNEL(tells_nothing_from_gone),
	    WITH_CHANNEL(tells_gone_with_something_unread),
	    WITH_CHANNEL(never_waits),
	    WITH_CHANNEL(start_fits_a_record),
	    WITH_CHANNEL(dies_of_a_wrong_size),
	    WITH_CHANNEL(dies_of_more_than_any),
	    WITH_CHANNEL(dies_of_nothing),
	    WITH_CHANNEL(dies_of_a_wrong_role),
	    WITH_CHANNEL(dies_in_a_wrong_state),
	    WITH_CHANNEL(dies_of_a_descriptor),
	    WITH_CHANNEL(dies_of_an_unknown_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
