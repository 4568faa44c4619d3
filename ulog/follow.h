/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * posternd's part of "source log": follows a file that grows, is renamed and made anew, or is
 * truncated, and has the kernel move what was added into a pipe (splice(2)): no byte of it is ever
 * in posternd's memory. It begins at the file's end; each byte goes through once. So that who reads
 * can tell whether it begins with a line or within one, the byte before goes first, or a newline where
 * there is none. What wakes it (inotify) is not looked at.
 */
#ifndef FOLLOW_H
#define FOLLOW_H

#include "source.h"

/* Stands in a line of which not all has come, or for those that were lost; whatever else is in that line. Whoever
 * writes to the log may write it, too, and has lines counted as lost. */
enum { FOLLOW_LOST = '\x18' };

int follow_open(struct source_held *held, size_t room, struct error *error);
void follow_renew(struct source_held *held);
void follow_tend(struct source_held *held, source_tell *tell);
void follow_close(struct source_held *held);

#endif
