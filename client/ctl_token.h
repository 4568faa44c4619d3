/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a line of the key file and the server's ports to the token that a client enrols with.
 */
#ifndef CTL_TOKEN_H
#define CTL_TOKEN_H

#include <stdint.h>

#include "ctl.h"
#include "keys.h"

/* The ports on which the server takes knocks: those of the configuration, or with -k alone those of
 * --spa and --seq. It takes no rolling codes yet. */
struct ctl_ports {
	struct portset spa, sequence;
};

/* 0, or -1: options that contradict the configuration, or are malformed. */
int ctl_token_ports(struct ctl_ports *ports, const struct ctl *ctl, struct error *error);

/* Prints the token to standard output, past stdio, and with --qr the picture of it. The host is that of
 * the key, unless another one is given. 0 or -1. */
int ctl_token_print(const struct ctl *ctl, const struct ctl_ports *ports,
		    const uint8_t server[static CRYPTO_KEY], const struct key *key,
		    const char *host, struct error *error);

#endif
