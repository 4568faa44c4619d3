/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "family.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

bool family_absent(bool v4)
{
	int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return errno == EAFNOSUPPORT;
	close(fd);
	return false;
}

bool family_any(const struct rule *rules, size_t n, bool v4)
{
	for (size_t i = 0; i < n; i++)
		if (address_is_v4(&rules[i].address) == v4)
			return true;
	return false;
}

/* What a commit mends comes first: what may be open of it before what can't be. */
static int urgency(enum backend_state state)
{
	switch (state) {
	case BACKEND_SOUND:
		return 0;
	case BACKEND_CHANGED:
		return 3;
	case BACKEND_GONE:
		return 2;
	default:
		return 1;
	}
}

void family_find(enum backend_state *found, struct error *error, enum backend_state state,
		 const struct error *why)
{
	if (urgency(state) <= urgency(*found))
		return;
	*found = state;
	*error = *why;
}
