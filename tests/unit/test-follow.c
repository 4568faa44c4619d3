/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a log that is followed puts into capture's pipe: the byte before first, then each byte once, whoever
 * reads, and whatever is in between. The kernel's part can be made to fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "follow.h"
#include "logtext.h"
#include "unit.h"

enum { MANY = 1000, LINE = 100 };

static char path[] = "/tmp/postern-test-XXXXXX";
static struct source_held held;
static int writer;
static bool broken; /* the file cannot be read */
static unsigned told;

ssize_t __real_splice(int, off_t *, int, off_t *, size_t, unsigned);
ssize_t __wrap_splice(int, off_t *, int, off_t *, size_t, unsigned);

ssize_t __wrap_splice(int from, off_t *from_at, int to, off_t *to_at, size_t size, unsigned flags)
{
	if (!broken)
		return __real_splice(from, from_at, to, to_at, size, flags);
	errno = EIO;
	return -1;
}

static void tell(bool good, const char *text)
{
	(void)good;
	assert_non_null(strstr(text, path));
	told++;
}

static void append(const char *text)
{
	assert_int_equal(write(writer, text, strlen(text)), strlen(text));
}

static void tend(void)
{
	follow_tend(&held, tell);
}

/* All that is in the pipe. */
static const char *come(void)
{
	static char text[MANY * LINE];
	ssize_t size = read(held.descriptors[0], text, sizeof text - 1);

	text[size > 0 ? size : 0] = '\0';
	return text;
}

/* Another capture. */
static void renew(void)
{
	follow_renew(&held);
	tend();
}

static int begin(void **state)
{
	struct error error;

	(void)state;
	strcpy(path + sizeof path - sizeof "XXXXXX", "XXXXXX");
	writer = mkstemp(path);
	assert_int_not_equal(writer, -1);
	append("old\n");
	memset(&held, 0, sizeof held);
	snprintf(held.config.file, sizeof held.config.file, "%s", path);
	if (follow_open(&held, 1, &error) == -1)
		fail_msg("%s", error.text);
	broken = false;
	told = 0;
	tend();
	return 0;
}

static int finish(void **state)
{
	(void)state;
	follow_close(&held);
	close(held.descriptors[0]);
	close(writer);
	unlink(path);
	return 0;
}

static void the_byte_before_comes_first(void **state)
{
	(void)state;
	assert_string_equal(come(), "\n");
	append("one\ntw");
	tend();
	assert_string_equal(come(), "one\ntw");
	renew();
	append("o\n");
	tend();
	assert_string_equal(come(), "wo\n");
}

static void what_was_not_read_comes_again(void **state)
{
	char some[8] = "";

	(void)state;
	append("one\ntwo\n");
	tend();
	assert_int_equal(read(held.descriptors[0], some, 5), 5);
	assert_string_equal(some, "\none\n");
	renew();
	assert_string_equal(come(), "\ntwo\n");
}

/* As where capture dies as often as it is started. */
static void many_who_read_nothing(void **state)
{
	(void)state;
	append("one\n");
	tend();
	for (int i = 0; i < 20; i++)
		renew();
	assert_string_equal(come(), "\none\n");
	for (int i = 0; i < 20; i++)
		renew();
	append("two\n");
	tend();
	assert_string_equal(come(), "\ntwo\n");
	for (int i = 0; i < 20; i++)
		follow_renew(&held);
	tend();
	assert_string_equal(come(), "\n");
}

/* The file is another now; the old one is gone. */
static void rotate(void)
{
	char other[sizeof path + 2];

	snprintf(other, sizeof other, "%s.1", path);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(unlink(other), 0);
	close(writer);
	writer = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_not_equal(writer, -1);
}

/* Of a file that came later there is no byte before. */
static void from_its_beginning(void **state)
{
	(void)state;
	assert_string_equal(come(), "\n");
	rotate();
	append("one\n");
	tend();
	tend();
	for (int i = 0; i < 3; i++)
		renew();
	assert_string_equal(come(), "\none\n");
	renew();
	renew();
	assert_string_equal(come(), "\n");
}

/* As where the disk was full: what the new file begins with is not of that line. */
static void a_line_without_its_end(void **state)
{
	(void)state;
	assert_string_equal(come(), "\n");
	append("begun");
	tend();
	rotate();
	append("one\n");
	tend();
	tend();
	assert_string_equal(come(), "begun\none\n");
}

/* What capture has of a line is lost, and so is the rest of the one within which it goes on. */
static void it_could_not_be_read(void **state)
{
	(void)state;
	append("one\nbegun");
	tend();
	assert_string_equal(come(), "\none\nbegun");
	broken = true;
	append(" and mo");
	tend();
	assert_int_equal(told, 1);
	broken = false;
	tend(); /* it is opened again, at its end, and where that is in a line */
	assert_int_equal(told, 2);
	append("re\nnext\n");
	tend();
	assert_string_equal(come(), "\x18"
				    "ore\nnext\n");
	broken = true;
	append("gone\n");
	tend();
	follow_renew(&held);
	broken = false;
	tend();
	for (int i = 0; i < 3; i++)
		renew();
	append("last\n");
	tend();
	assert_string_equal(come(), "\nlast\n");
}

/* What has no room waits in the file: in the pipe a piece takes a page, however small it is. */
static void more_than_the_pipe_takes(void **state)
{
	char line[LINE], expected[MANY * 16] = "\n", got[MANY * 16] = "";
	size_t used = 1;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		used += (size_t)snprintf(line, sizeof line, "line %d\n", i);
		strcat(expected, line);
		append(line);
		tend();
	}
	while (strlen(got) < used) {
		const char *some = come();
		assert_true(some[0] != '\0');
		assert_true(strlen(got) + strlen(some) < sizeof got);
		strcat(got, some);
		tend();
	}
	assert_string_equal(got, expected);
	assert_string_equal(come(), "");
	assert_int_equal(told, 0);
}

static void take(void *context, enum packet_reason reason, const struct sighting *sighting)
{
	(void)context;
	(void)reason;
	assert_null(sighting);
}

/* What is read so, is not taken for a line. */
static void a_line_with_a_gap_is_none(void **state)
{
	static const char text[] = "Nov 26 12:00:01 gate kernel: \x18IN=eth0 OUT= SRC=198.51.100.7 "
				   "DST=192.0.2.1 LEN=40 PROTO=TCP SPT=1 DPT=20481 SYN\n";
	struct source_news news = {0};

	(void)state;
	logtext_take(text, sizeof text - 1, take, NULL, &news);
	assert_int_equal(news.lost, 1);
	assert_int_equal(news.packets, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_byte_before_comes_first, begin, finish),
	    cmocka_unit_test_setup_teardown(what_was_not_read_comes_again, begin, finish),
	    cmocka_unit_test_setup_teardown(many_who_read_nothing, begin, finish),
	    cmocka_unit_test_setup_teardown(from_its_beginning, begin, finish),
	    cmocka_unit_test_setup_teardown(a_line_without_its_end, begin, finish),
	    cmocka_unit_test_setup_teardown(it_could_not_be_read, begin, finish),
	    cmocka_unit_test_setup_teardown(more_than_the_pipe_takes, begin, finish),
	    cmocka_unit_test(a_line_with_a_gap_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
