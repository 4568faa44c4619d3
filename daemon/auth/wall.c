/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wall.h"

#include <stdbool.h>
#include <unistd.h>

#include "clocks.h"

static int timer = -1;
static bool looked;
static int64_t difference_ms; /* wall less boot at the last look */

int wall_start(void)
{
	looked = false;
	return timer = clocks_watch();
}

int64_t wall_look(struct now *now)
{
	uint64_t expirations;

	/* Reading is what makes it unreadable again; the result says nothing that the clocks do not. */
	if (timer != -1 && read(timer, &expirations, sizeof expirations) == -1)
		expirations = 0;
	now->wall_ms = clocks_wall_ms();
	now->boot_ms = clocks_boot_ms();
	int64_t before = difference_ms;
	difference_ms = (int64_t)now->wall_ms - (int64_t)now->boot_ms;
	if (!looked)
		before = difference_ms;
	looked = true;
	return difference_ms - before;
}
