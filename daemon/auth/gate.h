/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a grant: asked of the firewall, open once that has said so, over by time, by word or
 * because the same door was knocked for again. Each turn of it is told and goes to the record.
 */
#ifndef GATE_H
#define GATE_H

#include "accept.h"
#include "grant.h"
#include "msg.h"
#include "rows.h"
#include "tell.h"
#include "wall.h"

enum { GATE_WANTED = 256 }; /* grants that wait for the record, at most */

void gate_start(void);

/* Asks the firewall to open the wish's door for its address and holder, for seconds, or for as long as
 * an earlier grant of this holder for it has left, if that is more; but never beyond its key. What one
 * knock opens has the same knock. ACCEPT_OK, or ACCEPT_LIMIT: no room for any grant more. */
enum accept_reason gate_open(const struct grant *wish, uint32_t seconds, const char *via,
			     const struct now *now);

/* The same for the administrator, who has no claim on record: first the grant itself becomes durable.
 * Its number; 0: no room. The caller sees to it that the record knows the number is taken
 * (judge_note_numbers). */
uint64_t gate_want(const struct address *address, const struct door *door, uint32_t seconds,
		   const struct now *now);
/* The store's last durable ticket: for what is on record now, the firewall is asked. */
void gate_durable(uint64_t done);

/* What the firewall says to an order. */
void gate_answered(const struct ack *ack, const struct now *now);
bool gate_waiting(void); /* some grant is still to be on record before the firewall is asked */

/* Ends it now. */
void gate_close(struct grant *grant, enum tell_why why, const struct now *now);

/* Ends what is due; when the next is. */
void gate_expire(const struct now *now);
uint64_t gate_deadline(void);

/* What an earlier life of this boot has granted: stays for as long as it had left, or for less if
 * server or key allow no more, where its key is still in force for that address and door; the firewall
 * is told of it, and that this was all. */
void gate_restore(const struct rows_loaded *loaded, const struct now *now);

/* The firewall has gone, or is waited for no more: whatever it had not answered is refused, and not to be
 * open after all. */
void gate_abandon(const struct now *now);

#endif
