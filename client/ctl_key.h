/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verbs over keys that are there: key list, show, token, revoke, rotate.
 */
#ifndef CTL_KEY_H
#define CTL_KEY_H

#include "verb.h"

int ctl_key_list(const struct verb_call *call);
int ctl_key_show(const struct verb_call *call);
int ctl_key_token(const struct verb_call *call);
int ctl_key_revoke(const struct verb_call *call);
int ctl_key_rotate(const struct verb_call *call);

#endif
