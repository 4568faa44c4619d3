/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "links.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

/* What is neither a device of the machine nor, as containers have it, one end of what leads out of here, is made
 * by programs, long after the rules are loaded. Of what sysfs does not know (it may be another network's)
 * that can't be told. */
static bool is_later(const char *name)
{
	char path[80], other[IF_NAMESIZE];
	unsigned index = 0;
	snprintf(path, sizeof path, "/sys/class/net/%s/device", name);
	if (access(path, F_OK) == 0)
		return false;
	snprintf(path, sizeof path, "/sys/class/net/%s/iflink", name);
	FILE *file = fopen(path, "re");
	bool later = file != NULL && fscanf(file, "%u", &index) == 1 &&
		     (index == 0 || if_indextoname(index, other) != NULL);
	if (file != NULL)
		fclose(file);
	return later;
}

static bool is_asked(const char *name, enum links_which which)
{
	return strcmp(name, "lo") != 0 &&
	       (which == LINKS_ALL || is_later(name) == (which == LINKS_LATER));
}

/* "link add name eth0 type veth", which any kernel has, for each. */
char *links_print(enum links_which which)
{
	char *text = NULL;
	size_t size;
	struct if_nameindex *list = if_nameindex();
	FILE *out = list == NULL ? NULL : open_memstream(&text, &size);
	for (size_t i = 0; out != NULL && list[i].if_index != 0; i++)
		if (is_asked(list[i].if_name, which))
			fprintf(out, "link add name %s type veth\n", list[i].if_name);
	if (out != NULL)
		fclose(out);
	if (list != NULL)
		if_freenameindex(list);
	return text;
}

bool links_make(const char *links)
{
	static const char *const ip[] = {"ip", "-force", "-batch", "-", NULL};
	if (links != NULL)
		program_run(NULL, ip, links, PROGRAM_MOST, NULL);
	return links != NULL;
}
