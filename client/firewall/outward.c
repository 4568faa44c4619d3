/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outward.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void add(struct outward *outward, const char *name)
{
	for (uint32_t i = 0; i < outward->count; i++)
		if (strcmp(outward->names[i], name) == 0)
			return;
	if (outward->count < SOURCE_INTERFACES)
		snprintf(outward->names[outward->count++], SOURCE_INTERFACE, "%s", name);
}

static void find(struct outward *outward)
{
	char line[300], name[SOURCE_INTERFACE], to[40], mask[40];
	FILE *file = fopen("/proc/net/route", "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%15s %39s %*s %*s %*s %*s %*s %39s", name, to, mask) == 3 &&
		    strcmp(to, "00000000") == 0 && strcmp(mask, "00000000") == 0)
			add(outward, name);
	if (file != NULL)
		fclose(file);
	file = fopen("/proc/net/ipv6_route", "re");
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (sscanf(line, "%39s %39s %*s %*s %*s %*s %*s %*s %*s %15s", to, mask, name) ==
			3 &&
		    strspn(to, "0") == 32 && strcmp(mask, "00") == 0 && strcmp(name, "lo") != 0)
			add(outward, name);
	if (file != NULL)
		fclose(file);
}

const struct outward *outward_interfaces(void)
{
	static struct outward outward;
	static bool found;
	if (!found)
		find(&outward);
	found = true;
	return &outward;
}
