/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NFLOG: the packets that a rule "-j NFLOG --nflog-group N" copies to userspace, both families, over
 * nfnetlink. One descriptor a group. The administrator's rule sets the threshold: 1 where delay
 * matters, more where a flood is taken.
 */
#ifndef NFLOG_H
#define NFLOG_H

#include "source.h"

extern const struct source nflog_source;

#endif
