/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What posternd looks up about the host, for those of its children that can't.
 */
#ifndef HOST_H
#define HOST_H

#include <stdint.h>
#include <sys/types.h>

#include "address.h"
#include "config.h"
#include "error.h"
#include "msg.h"

struct host_user {
	uid_t uid;
	gid_t gid;
};
/* -1 with the line that makes the user. */
int host_user(struct host_user *user, const char *name, struct error *error);

/* Its addresses as of now, as many as fit; how many. */
uint32_t host_own(struct address own[static MSG_OWN]);

int host_boot_id(char id[static MSG_BOOT_ID], struct error *error);

/* Why iptc is not for a host. */
#define HOST_IPTC_IDLE                                                                           \
	"this host's rules live in nftables, where iptc's legacy rules would have no effect; "   \
	"write \"firewall nft { }\", or \"firewall ipset { }\" where they are made by iptables " \
	"or ufw"

/* Would the configured firewall have an effect? -1: rules of legacy iptables would have none, for
 * this host keeps its rules in nftables. What cannot be read is no reason to refuse. */
int host_rules(const struct config *config, struct error *error);

#endif
