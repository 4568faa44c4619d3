/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel is played here (--wrap): what it answers to requests, and what recvmsg brings. */
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "nflog.h"
#include "unit.h"

enum { MOST = 256 };

/* What the kernel does next, in order. An error, or size bytes of bytes. */
struct event {
	int error;
	const char *bytes;
	size_t size;
	int flags;
	unsigned port; /* who sent it; 0 = the kernel */
};

static struct event events[MOST];
static unsigned n_events, next_event;
static unsigned taken, sightings;

static ssize_t play(void *buffer, size_t room, struct event *event)
{
	if (next_event == n_events) {
		errno = EAGAIN;
		return -1;
	}
	*event = events[next_event++];
	if (event->error != 0) {
		errno = event->error;
		return -1;
	}
	assert_true(event->size <= room);
	memcpy(buffer, event->bytes, event->size);
	return (ssize_t)event->size;
}

ssize_t __wrap_recvmsg(int descriptor, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int descriptor, struct msghdr *message, int flags)
{
	struct event event;
	struct sockaddr_nl *from = message->msg_name;

	(void)descriptor;
	assert_true((flags & MSG_DONTWAIT) != 0);
	ssize_t size = play(message->msg_iov->iov_base, message->msg_iov->iov_len, &event);
	if (size >= 0) {
		message->msg_flags = event.flags;
		from->nl_pid = event.port;
	}
	return size;
}

ssize_t __wrap_mnl_socket_sendto(struct mnl_socket *socket, const void *request, size_t size);
ssize_t __wrap_mnl_socket_sendto(struct mnl_socket *socket, const void *request, size_t size)
{
	(void)socket;
	(void)request;
	return (ssize_t)size;
}

ssize_t __wrap_mnl_socket_recvfrom(struct mnl_socket *socket, void *buffer, size_t size);
ssize_t __wrap_mnl_socket_recvfrom(struct mnl_socket *socket, void *buffer, size_t size)
{
	struct event event;
	ssize_t got = play(buffer, size, &event);

	if (got >= 0) /* the answer goes to who asked */
		((struct nlmsghdr *)buffer)->nlmsg_pid = mnl_socket_get_portid(socket);
	return got;
}

static void add(struct event event)
{
	assert_true(n_events < MOST);
	events[n_events++] = event;
}

static void reset(void)
{
	n_events = next_event = 0;
	taken = sightings = 0;
}

/* A message of NFLOG's with a packet of four bytes: too short for a sighting. */
static const char *packet(void)
{
	static struct {
		struct nlmsghdr header;
		struct nfgenmsg general;
		struct nlattr payload;
		uint8_t bytes[4];
	} message = {.header = {.nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET,
				.nlmsg_len = sizeof message},
		     .payload = {.nla_len = 8, .nla_type = NFULA_PAYLOAD},
		     .bytes = {0x45}};

	return (const char *)&message;
}

enum { PACKET = sizeof(struct nlmsghdr) + sizeof(struct nfgenmsg) + sizeof(struct nlattr) + 4 };

static void add_packet(void)
{
	add((struct event){.bytes = packet(), .size = PACKET});
}

static void add_answer(int error)
{
	static struct {
		struct nlmsghdr header;
		struct nlmsgerr answer;
	} messages[MOST];
	unsigned i = n_events;

	messages[i].header =
	    (struct nlmsghdr){.nlmsg_type = NLMSG_ERROR, .nlmsg_len = sizeof messages[i]};
	messages[i].answer.error = -error;
	add((struct event){.bytes = (const char *)&messages[i], .size = sizeof messages[i]});
}

static void take(void *context, enum packet_reason reason, const struct sighting *sighting)
{
	(void)context;
	taken++;
	sightings += sighting != NULL;
	assert_int_equal(reason, PACKET_SHORT);
}

static int read_some(struct source_news *news, struct error *error)
{
	return nflog_source.read(99, take, NULL, news, error);
}

static void sources_are_found(void **state)
{
	(void)state;
	assert_ptr_equal(source_of(SOURCE_NFLOG), &nflog_source);
	assert_null(source_of(0));
	assert_null(source_of(SOURCE_LOG + 1));
	assert_null(source_of(UINT32_MAX));
}

static void reads_until_nothing_is_there(void **state)
{
	struct source_news news = {.packets = 7, .lost = 7};

	(void)state;
	reset();
	assert_int_equal(read_some(&news, NULL), 0);
	assert_int_equal(news.packets + news.lost, 0);
	for (int i = 0; i < 3; i++)
		add_packet();
	assert_int_equal(read_some(&news, NULL), 0);
	assert_int_equal(news.packets, 3);
	assert_int_equal(news.lost, 0);
	assert_int_equal(taken, 3);
	assert_int_equal(sightings, 0);
}

static void reads_no_more_than_its_share(void **state)
{
	struct source_news news;

	(void)state;
	reset();
	for (int i = 0; i < 100; i++)
		add_packet();
	assert_int_equal(read_some(&news, NULL), 0);
	assert_int_equal(news.packets, 64);
	assert_int_equal(read_some(&news, NULL), 0);
	assert_int_equal(news.packets, 36);
}

static void losses_are_counted_and_reading_goes_on(void **state)
{
	struct source_news news;

	(void)state;
	reset();
	add((struct event){.error = ENOBUFS});
	add_packet();
	add((struct event){.bytes = packet(), .size = PACKET, .flags = MSG_TRUNC});
	add((struct event){.error = ENOBUFS});
	add_packet();
	assert_int_equal(read_some(&news, NULL), 0);
	assert_int_equal(news.lost, 3);
	assert_int_equal(news.packets, 2);
}

static void only_the_kernel_is_heard(void **state)
{
	struct source_news news;

	(void)state;
	reset();
	add((struct event){.bytes = packet(), .size = PACKET, .port = 4711});
	add_packet();
	assert_int_equal(read_some(&news, NULL), 0);
	assert_int_equal(news.packets, 1);
	assert_int_equal(news.lost, 0);
}

static void a_dead_descriptor_is_told(void **state)
{
	struct source_news news;
	struct error error;

	(void)state;
	reset();
	add_packet();
	add((struct event){.error = EBADF});
	assert_int_equal(read_some(&news, &error), -1);
	assert_int_equal(news.packets, 1);
	assert_string_equal(error.text, "NFLOG: Bad file descriptor");
}

static struct source_held held;

static int open_two(struct error *error)
{
	const struct source_config config = {.kind = SOURCE_NFLOG, .n_groups = 2, .groups = {5, 6}};

	return source_open(&held, &config, 2, error);
}

static void opens_past_packets_that_come_early(void **state)
{
	struct error error;

	(void)state;
	reset();
	add_answer(0);
	add_packet();
	add((struct event){.error = ENOBUFS});
	add((struct event){.error = EINTR});
	add_answer(0);
	assert_int_equal(open_two(&error), 0);
	assert_int_equal(held.n, 2);
	assert_int_equal(held.wake, -1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fcntl(held.descriptors[i], F_GETFD), FD_CLOEXEC);
		assert_true((fcntl(held.descriptors[i], F_GETFL) & O_NONBLOCK) != 0);
		assert_true(held.descriptors[i] > 2);
	}
	source_close(&held);
	assert_int_equal(fcntl(held.descriptors[1], F_GETFD), -1);
}

/* The second group fails; the answer to it, and, where that is EPERM, to "may we ask at all". */
static void refusals_are_told_apart(void **state)
{
	static const struct {
		int error, then;
		const char *text;
	} cases[] = {
	    {EPERM, 524,
	     "NFLOG group 6 is read by another program already (ulogd?); stop that, or give "
	     "another group in the configuration and in the firewall's NFLOG rule"},
	    {EPERM, EPERM, "NFLOG group 6: not permitted; posternd must run as root"},
	    {EINVAL, 0,
	     "NFLOG group 6: this kernel has no nfnetlink_log; try \"modprobe nfnetlink_log\""},
	    {ENOMEM, 0, "NFLOG group 6: Cannot allocate memory"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error error;
		reset();
		add_answer(0);
		add_answer(cases[i].error);
		if (cases[i].then != 0)
			add_answer(cases[i].then);
		assert_int_equal(open_two(&error), -1);
		assert_string_equal(error.text, cases[i].text);
		assert_int_equal(next_event, n_events);
		assert_int_equal(fcntl(held.descriptors[0], F_GETFD), -1); /* not left open */
	}
}

static void no_answer_is_no_success(void **state)
{
	struct error error;

	(void)state;
	reset();
	assert_int_equal(open_two(&error), -1);
	assert_string_equal(error.text, "NFLOG group 5: no answer from the kernel; try again");
}

static void more_groups_than_room(void **state)
{
	const struct source_config config = {.kind = SOURCE_NFLOG, .n_groups = 3};
	struct error error;

	(void)state;
	assert_int_equal(source_open(&held, &config, 2, &error), -1);
	assert_string_equal(error.text, "more than 2 NFLOG groups");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sources_are_found),
	    cmocka_unit_test(reads_until_nothing_is_there),
	    cmocka_unit_test(reads_no_more_than_its_share),
	    cmocka_unit_test(losses_are_counted_and_reading_goes_on),
	    cmocka_unit_test(only_the_kernel_is_heard),
	    cmocka_unit_test(a_dead_descriptor_is_told),
	    cmocka_unit_test(opens_past_packets_that_come_early),
	    cmocka_unit_test(refusals_are_told_apart),
	    cmocka_unit_test(no_answer_is_no_success),
	    cmocka_unit_test(more_groups_than_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
