/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "nfnetlink.h"

int host_user(struct host_user *user, const char *name, struct error *error)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (entry == NULL && errno != 0 && errno != ENOENT)
		return error_set(error, "cannot look up user %s: %s", name, strerror(errno));
	if (entry == NULL)
		return error_set(error,
				 "there is no user %s; make it: useradd --system --user-group "
				 "--no-create-home --home-dir / --shell /usr/sbin/nologin %s",
				 name, name);
	*user = (struct host_user){.uid = entry->pw_uid, .gid = entry->pw_gid};
	return 0;
}

static bool to_address(struct address *address, const struct sockaddr *from)
{
	if (from == NULL)
		return false;
	if (from->sa_family == AF_INET) {
		struct sockaddr_in four;
		memcpy(&four, from, sizeof(four));
		address_from_v4(address, (const uint8_t *)&four.sin_addr);
	} else if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 six;
		memcpy(&six, from, sizeof(six));
		memcpy(address->bytes, &six.sin6_addr, sizeof(address->bytes));
	}
	return from->sa_family == AF_INET || from->sa_family == AF_INET6;
}

uint32_t host_own(struct address own[static MSG_OWN])
{
	struct ifaddrs *all;
	struct address one;
	uint32_t n = 0;

	if (getifaddrs(&all) == -1)
		return 0;
	/* Those that no knock can come from anyway need no place. */
	for (const struct ifaddrs *entry = all; entry != NULL && n < MSG_OWN;
	     entry = entry->ifa_next)
		if (to_address(&one, entry->ifa_addr) && !address_is_nobodys(&one))
			own[n++] = one;
	freeifaddrs(all);
	return n;
}

int host_boot_id(char id[static MSG_BOOT_ID], struct error *error)
{
	static const char path[] = "/proc/sys/kernel/random/boot_id";
	FILE *file = fopen(path, "re");
	size_t size = file == NULL ? 0 : fread(id, 1, MSG_BOOT_ID - 1, file);

	if (file != NULL)
		fclose(file);
	if (size != MSG_BOOT_ID - 1)
		return error_set(error, "cannot read %s; is /proc mounted?", path);
	id[size] = '\0';
	return 0;
}

/* 1: the table is one of legacy iptables' that this kernel has; 0: it is not; -1: who knows. */
static int legacy_has(const char *path, const char *table)
{
	char line[64];
	FILE *file = fopen(path, "re");
	int found = 0;

	if (file == NULL)
		return errno == ENOENT ? 0 : -1;
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		found = strcmp(line, table) == 0;
	}
	fclose(file);
	return found;
}

/* A base chain on the way in, of a family that IP packets pass? */
static void look_at_chain(const struct nlmsghdr *header, void *data)
{
	const struct nfgenmsg *family = mnl_nlmsg_get_payload(header);
	const struct nlattr *hook = nfnetlink_attributes(header).of[NFTA_CHAIN_HOOK];
	bool *found = data;

	if (family->nfgen_family != NFPROTO_INET && family->nfgen_family != NFPROTO_IPV4 &&
	    family->nfgen_family != NFPROTO_IPV6)
		return;
	if (hook != NULL &&
	    nfnetlink_number(nfnetlink_within(hook).of[NFTA_HOOK_HOOKNUM]) == NF_INET_LOCAL_IN)
		*found = true;
}

/* False where it cannot be known. */
static bool nftables_filters_input(void)
{
	struct mnl_socket *socket = nfnetlink_open();
	struct nfnetlink_request request;
	bool found = false;

	if (socket == NULL)
		return false;
	if (nfnetlink_ask(socket,
			  nfnetlink_begin(&request, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETCHAIN,
					  NLM_F_DUMP, NFPROTO_UNSPEC),
			  look_at_chain, &found) == -1)
		found = false;
	mnl_socket_close(socket);
	return found;
}

int host_rules(const struct config *config, struct error *error)
{
	if (config->firewall != CONFIG_IPTC ||
	    legacy_has("/proc/net/ip_tables_names", config->table) != 0 ||
	    legacy_has("/proc/net/ip6_tables_names", config->table) != 0)
		return 0;
	if (!nftables_filters_input())
		return 0;
	return error_set(error, HOST_IPTC_IDLE);
}
