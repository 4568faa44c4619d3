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
	MODULES_FORBIDDEN, /* by modprobe's configuration */
	MODULES_DENIED,    /* by the kernel's command line */
	MODULES_MISSING    /* this kernel has none of that name */
};

#define MODULES_FOLDERS "/lib/modules"

enum { MODULES_NAME = 64, MODULES_FILES = 256 };

/* What is forbidden, and where. */
struct modules_ban {
	char name[MODULES_NAME];   /* the module itself, or one that it needs */
	char files[MODULES_FILES]; /* for a shell, a blank between; of what boots, if it is known */
};

enum modules_state modules_state(const char *name, struct modules_ban *ban);

/* Has this kernel a folder of modules at all? One that was upgraded may have none until the host is started
 * again; a container has none. */
bool modules_have_folder(void);
/* Are there folders of other kernels? */
bool modules_have_others(void);
/* Is the kernel another host's? As systemd has found out: containers without it have no kernels, either. */
bool modules_in_container(void);

/* Is no module loaded any more, whoever asks, until the host is started again? */
bool modules_are_locked(void);
/* Does the kernel load what it needs by itself? */
bool modules_come_alone(void);

#endif
