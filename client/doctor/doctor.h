/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the checks of `posternctl doctor` work with: the configuration, a look at the host, and the list
 * of what they find, each with the command that mends it. A check is one function; the table of them is
 * in ctl_doctor.c.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>

#include "config.h"
#include "keyfile.h"
#include "look.h"
#include "running.h"

enum { DOCTOR_FINDINGS = 64, DOCTOR_TEXT = 8192 };

enum doctor_level {
	DOCTOR_WARNING, /* it works, but may not for long, or not for all */
	DOCTOR_WRONG
};

struct doctor_finding {
	const char *check;
	enum doctor_level level;
	char text[DOCTOR_TEXT], remedy[DOCTOR_TEXT];
};

struct doctor {
	const char *config_path;
	struct config config;
	struct look look;
	enum ruleset_maker keeper; /* whose rules Postern's join */
	bool configured, looked;   /* the two are of use */
	bool unloaded;             /* the host's rules: what they lack comes of that */
	struct running running;    /* what the daemon says */
	const char *check;         /* the one that is at work */
	struct doctor_finding list[DOCTOR_FINDINGS];
	size_t count;
};

/* Notes what is wrong. Then the remedy, a command, is to be told. */
void doctor_find(struct doctor *doctor, enum doctor_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_remedy(struct doctor *doctor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "posternctl firewall install -f FILE" */
void doctor_remedy_verb(struct doctor *doctor, const char *verb);
/* An editor, on this file. */
void doctor_remedy_edit(struct doctor *doctor, const char *path);
/* Install this package, by whatever installs them here. */
void doctor_remedy_package(struct doctor *doctor, const char *package);

/* Does systemd run here, and knows it such a unit? */
bool doctor_has_unit(const char *name);
/* Have it run, now and after each start; "posternd.service". */
void doctor_remedy_unit(struct doctor *doctor, const char *name);

#endif
