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
/* The line of /etc/pam.d/sshd by which PAM lets in nobody but who has knocked; 0: there is none. */
unsigned doctor_login_strict(void);

#endif
