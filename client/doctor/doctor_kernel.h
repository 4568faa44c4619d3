/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check of `posternctl doctor` of what the kernel can do: the rules are tried, and where they can't be
 * made, the modules that they lack are named.
 */
#ifndef DOCTOR_KERNEL_H
#define DOCTOR_KERNEL_H

#include "doctor.h"

void doctor_kernel(struct doctor *doctor);

#endif
