/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters of the built-in chains' policies are the administrator's, and any command of legacy iptables that
 * changes a table sets all of that table's to zero. Rules keep theirs.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include "look.h"
#include "plan.h"

/* As plan_run; what these counters were is put back, and what has been counted since is added. */
int counters_run(const struct plan *plan, const struct look *look, struct error *error);

/* For iptables-legacy-restore, of what iptables-legacy-save -c printed: to be freed; "": nothing has been set to
 * zero; null: out of memory. */
char *counters_merged(const char *then, const char *now);

#endif
