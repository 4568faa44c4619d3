/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What capture reads of an interface. The kernel is played here (--wrap): so many packets wait. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "live.h"
#include "unit.h"

static unsigned waiting, taken;

ssize_t __wrap_recvmsg(int descriptor, struct msghdr *message, int flags);
ssize_t __wrap_recvmsg(int descriptor, struct msghdr *message, int flags)
{
	(void)descriptor;
	assert_true((flags & MSG_DONTWAIT) != 0);
	message->msg_controllen = 0;
	if (waiting == 0) {
		errno = EAGAIN;
		return -1;
	}
	waiting--;
	memset(message->msg_iov->iov_base, 0, 20);
	return 20;
}

static void take(void *context, enum packet_reason reason, const struct sighting *sighting)
{
	(void)context;
	assert_int_not_equal(reason, PACKET_OK);
	assert_null(sighting);
	taken++;
}

/* Who is told that there may be more does not sleep. */
static void reads_its_share_and_says_that_there_may_be_more(void **state)
{
	struct source_news news;
	struct error error;

	(void)state;
	waiting = 100;
	assert_int_equal(live_source.read(99, take, NULL, &news, &error), SOURCE_FINE);
	assert_int_equal(taken, 64);
	assert_int_equal(news.packets, 64);
	assert_true(news.more);
	assert_int_equal(live_source.read(99, take, NULL, &news, &error), SOURCE_FINE);
	assert_int_equal(taken, 100);
	assert_int_equal(news.packets, 36);
	assert_false(news.more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_its_share_and_says_that_there_may_be_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
