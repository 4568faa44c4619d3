/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * postern-capture: the process that reads what strangers sent. Without keys, files and privilege:
 * its sources were opened by posternd, and it may send to auth alone. It keeps the packets that
 * some carrier could want, and hands them on in batches; when auth is behind it waits, and the
 * kernel's buffer bounds what waits with it.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#endif
