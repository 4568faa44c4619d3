/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells the service manager how it stands, as sd_notify(3) does, without its library.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Takes NOTIFY_SOCKET from the environment. */
void notify_start(void);
/* All three do nothing where nobody asked to be told. */
void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);

#endif
