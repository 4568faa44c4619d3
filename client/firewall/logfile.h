/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that the kernel's lines go to, by whatever syslog this host has: which of the usual ones is
 * there, and does anybody write it? One that was left behind is no source of knocks.
 */
#ifndef LOGFILE_H
#define LOGFILE_H

#include <stdbool.h>

#include "source.h"

/* False: there is none that is written. */
bool logfile_find(char path[static SOURCE_FILE]);

/* A program has it open; or it is not there, or was written not long ago, and a syslog of this host runs, which
 * opens it with the next line. */
bool logfile_written(const char *path);

#endif
