/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interfaces that the default routes go by, of both families: it is from there that strangers come.
 */
#ifndef OUTWARD_H
#define OUTWARD_H

#include <stdint.h>

#include "address.h"
#include "source.h"

enum { OUTWARD_ADDRESSES = 64 };

struct outward {
	char names[SOURCE_INTERFACES][SOURCE_INTERFACE];
	uint32_t count; /* 0: there is no such route */
	/* What the host is reached by from there, of both families, but for who is on the same wire. */
	struct address addresses[OUTWARD_ADDRESSES];
	uint32_t n_addresses;
};

/* As they were when this was first asked: a trial's own network, which comes later, has none. */
const struct outward *outward_interfaces(void);

#endif
