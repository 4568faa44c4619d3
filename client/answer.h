/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A yes or no from whoever sits there, within a time.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>
#include <stdint.h>

/* Does somebody say yes on standard input, before this moment of the steady clock? Who says neither yes nor no
 * is asked again. */
bool answer_yes(int64_t end);

#endif
