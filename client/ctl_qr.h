/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A QR code in the terminal, for a telephone to take a token from the screen. By libqrencode, where
 * configure has found it.
 */
#ifndef CTL_QR_H
#define CTL_QR_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

bool ctl_qr_can(void); /* was it built in? */
/* To standard output, past stdio. 0 or -1. */
int ctl_qr_print(const char *text, size_t size, struct error *error);

#endif
