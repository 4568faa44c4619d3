/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The backend for hosts with legacy tables: libiptc and libip6tc, in-process. One chain; in mangle
 * its verdict is one mark bit, so that the table with the host's rules is never rewritten, in
 * filter it is ACCEPT. Each rule carries its own end, which the kernel keeps whatever becomes of us.
 */
#ifndef IPTC_H
#define IPTC_H

#include "backend.h"

extern const struct backend iptc_backend;

#endif
