/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interfaces that the default routes go by, of both families: it is from there that strangers come.
 */
#ifndef OUTWARD_H
#define OUTWARD_H

#include <stdint.h>

#include "source.h"

struct outward {
	char names[SOURCE_INTERFACES][SOURCE_INTERFACE];
	uint32_t count; /* 0: there is no such route */
};

/* As they were when this was first asked: a trial's own network, which comes later, has none. */
const struct outward *outward_interfaces(void);

#endif
