/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's interfaces, made once more in the network of a trial: nft's rules may name one by its number,
 * and are not taken where it is not there.
 */
#ifndef LINKS_H
#define LINKS_H

#include <stdbool.h>

enum links_which {
	LINKS_ALL,
	LINKS_NOW,  /* that are there when rules are loaded, at the start of the host */
	LINKS_LATER /* the others */
};

/* To be made, all but lo; asked for here. To be freed; null: there are none, or no memory for them. */
char *links_print(enum links_which which);
/* Makes them, in the trial. False: there are none to be made. */
bool links_make(const char *links);

#endif
