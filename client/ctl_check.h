/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verb check: what pam_postern and postern-tcpd would be told of an address, and why.
 */
#ifndef CTL_CHECK_H
#define CTL_CHECK_H

#include "verb.h"

int ctl_check(const struct verb_call *call);

#endif
