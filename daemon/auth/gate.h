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

void gate_start(const struct keys *keys);

/* Asks the firewall to open the door for seconds, or for as long as an earlier grant of this key
 * for it has left, if that is more. ACCEPT_OK, or ACCEPT_LIMIT: no room for any grant more. */
enum accept_reason gate_open(uint32_t holder, const struct address *address,
			     const struct door *door, uint32_t seconds, const char *via,
			     const struct now *now);

/* What the firewall says to an order. */
void gate_answered(const struct ack *ack, const struct now *now);
bool gate_asks(void); /* some door is still asked for */

/* A login has used up the knock that this key made from this address at that moment of the boot
 * clock. The ticket of that being durable; 0: it needs not be, as no living grant would bring the
 * login back. */
uint64_t gate_used(uint32_t holder, const struct address *address, uint64_t since_boot_ms);

/* Ends it now. */
void gate_close(struct grant *grant, enum tell_why why, const struct now *now);

/* Ends what is due; when the next is. */
void gate_expire(const struct now *now);
uint64_t gate_deadline(void);

/* What an earlier life of this boot has granted: stays for as long as it had left, if its key is
 * still there and may still open that door; the firewall is told of it, and that this was all. */
void gate_restore(const struct rows_loaded *loaded, const struct now *now);

/* The firewall has gone, or is waited for no more: whatever it had not answered is refused. */
void gate_abandon(const struct now *now);

#endif
