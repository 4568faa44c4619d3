/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's modules: whether one is there, and if not, what keeps it from being loaded.
 */
#ifndef MODULES_H
#define MODULES_H

#include <stdbool.h>

enum modules_state {
	MODULES_THERE,     /* loaded, or built in */
	MODULES_UNLOADED,  /* could be */
	MODULES_FORBIDDEN, /* by a line "install NAME ..." of modprobe's configuration */
	MODULES_MISSING    /* this kernel has none of that name */
};

enum { MODULES_PATH = 256 };

/* file: the configuration that forbids it. */
enum modules_state modules_state(const char *name, char file[static MODULES_PATH]);

/* Has this kernel a folder of modules at all? One that was upgraded may have none until the host is started
 * again; a container has none. */
bool modules_have_folder(void);
/* Are there folders of other kernels? */
bool modules_have_others(void);

/* Is no module loaded any more, whoever asks, until the host is started again? */
bool modules_are_locked(void);
/* Does the kernel load what it needs by itself? */
bool modules_come_alone(void);

#endif
