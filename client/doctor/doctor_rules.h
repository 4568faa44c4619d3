/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of `posternctl doctor` of the rules: what becomes of knocks and doors, who else keeps
 * rules here, and whether there is a second way in.
 */
#ifndef DOCTOR_RULES_H
#define DOCTOR_RULES_H

#include "doctor.h"

/* Each finds nothing where what it needs is missing. */
void doctor_rules_effects(struct doctor *doctor);
void doctor_rules_managers(struct doctor *doctor);
void doctor_rules_docker(struct doctor *doctor);
void doctor_rules_second_way(struct doctor *doctor);

#endif
