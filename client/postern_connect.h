/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb connect: knock, wait for the port, and be ssh's way to it. */
#ifndef POSTERN_CONNECT_H
#define POSTERN_CONNECT_H

#include "verb.h"

int postern_connect_run(const struct verb_call *call);

#endif
