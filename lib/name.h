/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The name of a key. It becomes the name of a file at the client, and a word of log lines and of
 * firewall rules at the server.
 */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>

enum { NAME_SIZE = 33 }; /* 32 characters and the terminator */

/* 1 to 32 of A-Za-z0-9._-, not "." or "..", no leading - . Of what has no end, no more is read. */
bool name_valid(const char *name);

#endif
