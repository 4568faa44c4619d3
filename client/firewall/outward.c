/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outward.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
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
		    strcmp(to, "00000000") == 0 && strcmp(mask, "00000000") == 0 &&
		    strcmp(name, "*") != 0) /* "unreachable" */
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

static bool has(const struct outward *outward, const char *name)
{
	for (uint32_t i = 0; i < outward->count; i++)
		if (strcmp(outward->names[i], name) == 0)
			return true;
	return false;
}

/* What is on no wire (lo, dummy) is an address of the host's, whatever a packet comes by. */
static bool is_asked(const struct outward *outward, const struct ifaddrs *each)
{
	return each->ifa_addr != NULL &&
	       (has(outward, each->ifa_name) || (each->ifa_flags & IFF_LOOPBACK) != 0 ||
		((each->ifa_flags & IFF_NOARP) != 0 && (each->ifa_flags & IFF_POINTOPOINT) == 0));
}

/* False: it is none that a stranger can send to. */
static bool read_address(struct address *address, const struct sockaddr *known)
{
	const struct sockaddr_in *v4 = (const void *)known;
	const struct sockaddr_in6 *v6 = (const void *)known;
	if (known->sa_family == AF_INET && (ntohl(v4->sin_addr.s_addr) >> 24) != IN_LOOPBACKNET)
		address_from_v4(address, (const uint8_t *)&v4->sin_addr);
	else if (known->sa_family == AF_INET6 && !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) &&
		 !IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))
		memcpy(address->bytes, &v6->sin6_addr, sizeof address->bytes);
	else
		return false;
	return true;
}

static void find_addresses(struct outward *outward)
{
	struct ifaddrs *list = NULL;
	if (getifaddrs(&list) != 0)
		return;
	for (const struct ifaddrs *each = list; each != NULL; each = each->ifa_next)
		if (is_asked(outward, each) && outward->n_addresses < OUTWARD_ADDRESSES)
			outward->n_addresses +=
			    read_address(&outward->addresses[outward->n_addresses], each->ifa_addr);
	freeifaddrs(list);
}

const struct outward *outward_interfaces(void)
{
	static struct outward outward;
	static bool found;
	if (!found) {
		find(&outward);
		find_addresses(&outward);
	}
	found = true;
	return &outward;
}
