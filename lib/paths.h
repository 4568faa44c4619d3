/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things are unless somebody says otherwise: the same for all programs and for PAM's module,
 * whatever prefix they were built for, since they must meet there.
 */
#ifndef PATHS_H
#define PATHS_H

#define PATHS_CONFIG  "/etc/postern/postern.conf"
#define PATHS_KEYS    "/etc/postern/keys"
#define PATHS_STATE   "/var/lib/postern"
#define PATHS_CONTROL "/run/postern/control.sock"

#endif
