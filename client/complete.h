/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of a program for the completion of a shell (contrib/completion): a line for each verb,
 * and after it one for each option that it takes; fields with a tab between, "-" for none.
 *
 *	verb	key add	NAME	Make a key, and print the token that its client enrols with.
 *	option	--host	HOST	the server's name or address as the client will use it
 */
#ifndef COMPLETE_H
#define COMPLETE_H

#include "verb.h"

void complete_print(const struct verb_program *program);

#endif
