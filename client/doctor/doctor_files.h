/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of `posternctl doctor` of what lies on the disk: configuration, modes, users, keys.
 */
#ifndef DOCTOR_FILES_H
#define DOCTOR_FILES_H

#include "doctor.h"

/* Each finds nothing where what it needs is missing. */
void doctor_files_config(struct doctor *doctor);
void doctor_files_modes(struct doctor *doctor);
void doctor_files_users(struct doctor *doctor);
void doctor_files_keys(struct doctor *doctor);

#endif
