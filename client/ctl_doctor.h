/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verb doctor: is everything in place, and if not, which command puts it right.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include "verb.h"

int ctl_doctor(const struct verb_call *call);

#endif
