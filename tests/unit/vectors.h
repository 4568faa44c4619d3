/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/vectors/knock-v1.json for the tests of knock, sequence and code. Not a JSON parser: the
 * file has a field a line, and a line that this reader does not know fails the test that reads it.
 */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VECTORS_MOST = 16, VECTORS_SYMBOLS = 64, VECTORS_CODE = 16 };

struct vector {
	char name[32];
	uint8_t key[32], server[32];
	uint32_t id;
	uint64_t time_ms, action, proto, port, seconds;
	bool bound;         /* false: "source": null */
	uint8_t source[16]; /* v4-mapped where IPv4; zeros where unbound */
	uint8_t siv_key[64], mask_key[32], request[12], knock[32];
	uint8_t symbols_48[48], symbols_64[64];
	uint64_t ports[VECTORS_SYMBOLS]; /* "ports_20480_32767" */
	size_t n_ports;
	uint64_t code_step;
	uint64_t code_ports[VECTORS_CODE]; /* "code_ports_1000_1255" */
	size_t n_code_ports;
};

/* All of the file, in its order; the count. Ends the test program with a message where the file
 * is not there or not as this reader knows it. */
size_t vectors_read(struct vector list[static VECTORS_MOST]);

#endif
