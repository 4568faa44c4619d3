/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "auth/noise.h"
#include "crypto.h"
#include "loglines.h"
#include "unit.h"

static struct now now;

static int start(void **state)
{
	(void)state;
	now = (struct now){.boot_ms = 5000};
	loglines_drain();
	noise_start();
	return 0;
}

static void silence(void **state)
{
	(void)state;
	noise_more(0, 0, &now);
	assert_true(noise_deadline() == UINT64_MAX);
	now.boot_ms += 1000000;
	noise_tell(&now);
	assert_string_equal(loglines_next(), "");
}

static void one_line_a_minute(void **state)
{
	const struct address source = {{1}};

	(void)state;
	noise_packet(&source, &now);
	assert_int_equal(noise_deadline(), 65000);
	now.boot_ms = 64999;
	noise_packet(&source, &now);
	noise_more(40, 0, &now);
	noise_tell(&now);
	assert_string_equal(loglines_next(), "");
	now.boot_ms = 65000;
	noise_tell(&now);
	assert_string_equal(loglines_next(), "event=noise packets=42 sources=1 seconds=60");
	assert_true(noise_deadline() == UINT64_MAX);
	noise_more(0, 3, &now);
	now.boot_ms += 60000;
	noise_tell(&now);
	assert_string_equal(loglines_next(), "event=noise packets=0 sources=0 seconds=60 lost=3");
	assert_int_equal(noise_counts.noise, 42);
	assert_int_equal(noise_counts.lost, 3);
}

/* Within three in a hundred, up to some hundred thousand; beyond that it is a lower bound. */
static void sources(void **state)
{
	static const long numbers[] = {10, 300, 5000, 60000, 200000};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		for (long j = 0; j < numbers[i]; j++) {
			struct address source = {{32, 1, 13, 184}};
			memcpy(source.bytes + 8, &j, sizeof j);
			noise_packet(&source, &now);
			noise_packet(&source, &now);
		}
		now.boot_ms += 60000;
		noise_tell(&now);
		const char *text = strstr(loglines_next(), "sources=");
		assert_non_null(text);
		long found = atol(text + 8);
		print_message("# %ld sources, %ld estimated\n", numbers[i], found);
		assert_in_range(found, numbers[i] - numbers[i] / 33 - 1,
				numbers[i] + numbers[i] / 33 + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(silence, start),
	    cmocka_unit_test_setup(one_line_a_minute, start),
	    cmocka_unit_test_setup(sources, start),
	};

	if (crypto_start() == -1 || loglines_start("test-noise") == -1)
		return 1;
	return cmocka_run_group_tests_name("noise", tests, NULL, NULL);
}
