/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One transaction of nftables: elements that come, go, or get another end, in any number of sets of
 * as many tables; all of it, or nothing. An element that is there already is taken out and put in again
 * within it, for most kernels do not move its end; and put in before it is taken out, for one that is
 * not there must not fail the others. No packet sees any of that.
 */
#ifndef NFTWRITE_H
#define NFTWRITE_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nftdump.h"
#include "sets.h"

/* Bytes of an element's name: address, protocol, port; each padded to four. */
#define NFTWRITE_KEY(v4) ((v4) ? 4 + 4 + 4 : 16 + 4 + 4)

void nftwrite_begin(void);
/* Takes all elements out; or these, whether they are there or not. */
void nftwrite_flush(const struct nftdump_table *table, const char *set);
void nftwrite_remove(const struct nftdump_table *table, const char *set, bool v4,
		     const struct sets_element *list, size_t n);
/* Puts those in that end after now, and are not there. */
void nftwrite_put(const struct nftdump_table *table, const char *set, bool v4,
		  const struct sets_element *list, size_t n, uint64_t now_ms);
/* 0, or -1 with errno and nothing has changed. */
int nftwrite_commit(struct mnl_socket *socket);

#endif
