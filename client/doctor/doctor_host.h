/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of `posternctl doctor` of what the host does beside the firewall: daemon, lock,
 * NFLOG groups, interfaces, the log of text, clock, services on the knock ports.
 */
#ifndef DOCTOR_HOST_H
#define DOCTOR_HOST_H

#include "doctor.h"

/* Each finds nothing where what it needs is missing. */
void doctor_host_daemon(struct doctor *doctor);
void doctor_host_lock(struct doctor *doctor);
void doctor_host_groups(struct doctor *doctor);
void doctor_host_wire(struct doctor *doctor);
void doctor_host_log(struct doctor *doctor);
void doctor_host_clock(struct doctor *doctor);
void doctor_host_services(struct doctor *doctor);

#endif
