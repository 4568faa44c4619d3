/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hands a descriptor to whoever is at the other end of a unix socket, as ssh's ProxyUseFdpass has it. */
#ifndef FDPASS_H
#define FDPASS_H

#include <stdbool.h>

bool fdpass_can(int to); /* is it a unix socket? */
/* 0, or -1 with errno. fd remains open here. */
int fdpass_send(int to, int fd);

#endif
