/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs that keep enrolments: add, list, remove.
 */
#ifndef POSTERN_STORE_H
#define POSTERN_STORE_H

#include "verb.h"

int postern_store_add(const struct verb_call *call);
int postern_store_list(const struct verb_call *call);
int postern_store_remove(const struct verb_call *call);

#endif
