/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the rules that are in now are there after the host's next start, too: told, as commands and as
 * lines for the files that hosts load their rules from. What is told loads as it stands.
 */
#ifndef PERSIST_H
#define PERSIST_H

#include "rules.h"

/* look: of now, with the rules in. */
void persist_tell(const struct rules *rules, const struct look *look);

#endif
