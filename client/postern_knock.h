/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs that knock: open, close. Everything that can be wrong is looked at before the first packet;
 * then each address of the host gets a knock for each door, with ascending times.
 */
#ifndef POSTERN_KNOCK_H
#define POSTERN_KNOCK_H

#include "verb.h"

int postern_knock_open(const struct verb_call *call);
int postern_knock_close(const struct verb_call *call);

#endif
