/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of `posternctl doctor` of what asks for the knock at login: PAM and sshd.
 */
#ifndef DOCTOR_LOGIN_H
#define DOCTOR_LOGIN_H

#include "doctor.h"

/* Each finds nothing where what it needs is missing. */
void doctor_login_pam(struct doctor *doctor);
void doctor_login_sshd(struct doctor *doctor);

#endif
