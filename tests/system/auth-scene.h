/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the cases of auth-driver share: one postern-auth with a fresh record and two keys, a client
 * that knocks and a stranger, and results in TAP.
 */
#ifndef AUTH_SCENE_H
#define AUTH_SCENE_H

#include "auth-harness.h"

extern struct harness scene; /* key 0: ordinary; key 1: with nat */
extern struct address scene_client, scene_stranger;
extern const struct request scene_open_ssh;

void scene_begin(void);
/* The plan; the exit status. */
int scene_end(void);
void scene_result(bool good, const char *name);

/* A folder with a fresh record, two keys, the process running on it. */
void scene_set_up(void);
/* Starts it again; not doing so ends the test. */
void scene_restart(void);

bool scene_no_order(void); /* none comes */
void scene_sight(const uint8_t *knock, const struct address *source);
/* Knocks with key 0, is let in. */
struct order scene_let_in(uint8_t knock[static KNOCK_SIZE], struct request request);
bool scene_status(const char *line); /* is among those of `status` */
int64_t scene_sql(const char *text); /* its first value, of the record; -1 without */
void scene_overwrite(const char *path, off_t at, const char *bytes);

/* auth-record.c's */
void record_cases(void);

#endif
