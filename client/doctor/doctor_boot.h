/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check of `posternctl doctor` of the next start of the host: would what it loads then do what its
 * rules do now, and is it loaded?
 */
#ifndef DOCTOR_BOOT_H
#define DOCTOR_BOOT_H

#include "doctor.h"

/* What is loaded by other means can't be seen: warnings, no more. */
void doctor_boot(struct doctor *doctor);

#endif
