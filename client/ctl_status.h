/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verb status: how the daemon is doing, for a person, as JSON, or in the text format that
 * Prometheus' node_exporter collects from a file.
 */
#ifndef CTL_STATUS_H
#define CTL_STATUS_H

#include "verb.h"

int ctl_status(const struct verb_call *call);

#endif
