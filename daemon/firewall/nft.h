/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doors as elements of two sets in the administrator's own table of nftables, each with its timeout.
 * A rule of his accepts what is in them; we never touch it, nor any other. libnftables makes the
 * sets. It reads all sets of the host before it changes one, so elements, which somebody waits for,
 * go to the kernel by libmnl: one transaction, whose cost nothing else on the host changes.
 */
#ifndef NFT_H
#define NFT_H

#include "backend.h"

extern const struct backend nft_backend;

#endif
