/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask N SITE…: asks each control socket N times what pam_postern asks, through lib/ask, in turns. A
 * SITE is NAME,SOCKET,GRANTS: of the addresses 10.9.0.1, .2 … so many have a grant, and they are asked
 * for one after the other, at a stride. A line a question: NAME MICROSECONDS; it ends where the answer
 * is not yes.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask.h"

enum { SITES = 8, STRIDE = 7919, RUNS_A_BLOCK = 250, PAUSE_US = 200, TIMEOUT_MS = 2000 };

struct site {
	const char *name, *socket;
	unsigned grants, asked;
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return 1e6 * (double)now.tv_sec + (double)now.tv_nsec / 1e3;
}

static bool take(void *yes, const char *line)
{
	*(bool *)yes = strncmp(line, "yes ", 4) == 0;
	return false;
}

static void ask_once(struct site *site)
{
	unsigned grant = site->asked++ * STRIDE % site->grants;
	char line[ASK_LINE];
	struct error error = {""};
	bool yes = false;

	snprintf(line, sizeof line, "check 10.9.%u.%u door=udp/7777", grant / RUNS_A_BLOCK,
		 1 + grant % RUNS_A_BLOCK);
	double start = now_us();
	enum ask_result result = ask(site->socket, line, TIMEOUT_MS, 0, take, &yes, &error);
	double end = now_us();
	if (result != ASK_OK || !yes)
		errx(1, "%s: %s: %s", site->name, line, result == ASK_OK ? "no" : error.text);
	printf("%s %.1f\n", site->name, end - start);
}

int main(int argc, char **argv)
{
	static struct site sites[SITES];
	unsigned n_sites = 0;

	for (int i = 2; i < argc && n_sites < SITES; i++, n_sites++) {
		char *text = argv[i];
		sites[n_sites].name = strsep(&text, ",");
		sites[n_sites].socket = strsep(&text, ",");
		sites[n_sites].grants = text != NULL ? (unsigned)atoi(text) : 0;
		if (sites[n_sites].grants == 0)
			errx(2, "a site is NAME,SOCKET,GRANTS");
	}
	if (n_sites == 0)
		errx(2, "usage: ask N SITE...");
	for (int n = atoi(argv[1]); n > 0; n--)
		for (unsigned i = 0; i < n_sites; i++) {
			const struct timespec pause = {.tv_nsec = PAUSE_US * 1000};
			ask_once(&sites[i]);
			nanosleep(&pause, NULL);
		}
	return 0;
}
