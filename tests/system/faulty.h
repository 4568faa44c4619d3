/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a program that is linked with faulty.c shares with who tests it: a file beside the program,
 * its name with ".faulty" behind it, mapped into both. Without that file nothing fails.
 */
#ifndef FAULTY_H
#define FAULTY_H

#include <stdint.h>

struct faulty {
	char call[24];   /* the function that may fail; "memory": each that allocates */
	int64_t error;   /* its errno then */
	uint64_t calls;  /* of it, by all threads, since this was last set to 0 */
	uint64_t first;  /* the first that fails, counted from 1; 0: none does */
	uint64_t count;  /* how many fail from there on */
	uint64_t failed; /* how many have */
};

#endif
