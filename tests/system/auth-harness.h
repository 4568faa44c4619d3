/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world around one real postern-auth: this plays posternd, capture, firewall, syslog and the
 * clients, over the same descriptors and messages. Fails by ending the program with "Bail out!".
 */
#ifndef AUTH_HARNESS_H
#define AUTH_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys.h"
#include "msg.h"
#include "spawn.h"

enum { HARNESS_PATIENCE_MS = 30000 }; /* for what comes; no test that succeeds waits so long */

struct harness {
	char folder[64]; /* state folder and key file lie in it */
	char state[96], keys_path[96], socket_path[96], db[128];
	uint8_t server[CRYPTO_KEY];
	struct key *keys; /* harness_key made them */
	size_t n_keys;
	struct start start;
	char program[256];                           /* empty: the one that was built */
	void (*restored)(const struct order *order); /* null, or hears of each that goes on */
	struct process process;
	int capture, firewall, log; /* our ends */
	uint64_t last_time_ms;      /* of a knock */
	unsigned announced;         /* orders that were said to come */
	uint64_t start_us;          /* what the last start took, until it said that it works */
};

void harness_make(struct harness *harness);
/* Ends the process, if there is one, and removes the folder. */
void harness_remove(struct harness *harness);

/* A key that may open tcp/22 and udp/1194; since_ms 0: now. Its index. */
size_t harness_key(struct harness *harness, bool nat, uint64_t since_ms);
void harness_write_keys(const struct harness *harness);

/* Starts the program on the folder as it is and waits until it is ready; false: it ended instead,
 * with *status. Takes the orders that restore grants, up to RESTORED, and says how many. */
bool harness_start(struct harness *harness, uint64_t *restored, int *status);
void harness_kill(struct harness *harness); /* -9 */
/* posternd has gone, and with it capture. */
void harness_leave(struct harness *harness);
/* The same, and its exit status. */
int harness_stop(struct harness *harness);
/* It has ended: closes our ends. */
void harness_forget(struct harness *harness);
int harness_wait(struct harness *harness); /* it ends by itself; status as of waitpid */

uint64_t harness_now(void);  /* wall clock, ms */
uint64_t harness_boot(void); /* boot clock, ms */

/* A knock of key i. source null: unbound. request's time 0: the next. */
void harness_seal(struct harness *harness, uint8_t knock[static KNOCK_SIZE], size_t i,
		  struct request request, const struct address *source);
/* capture says that this came from there. */
void harness_sight(struct harness *harness, const uint8_t *knocks, size_t count,
		   const struct address *source);

/* The next order within the time; false: none came. */
bool harness_order(struct harness *harness, struct order *order, int timeout_ms);
void harness_ack(struct harness *harness, const struct order *order, uint32_t result);

/* Reads the log until a line holds all of the words (blank between); false: it does not
 * come. The line is in harness_line then. */
extern char harness_line[2048];
bool harness_logged(struct harness *harness, const char *words);
void harness_drain_log(struct harness *harness);

/* A connection on which this is asked; -1: nobody listens. */
int harness_question(const struct harness *harness, const char *line);
/* Asks on the control socket; the whole answer, or "" where there is none. */
extern char harness_answer[65536];
const char *harness_ask(struct harness *harness, const char *line);

#endif
