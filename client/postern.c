/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "postern.h"

#include "postern_connect.h"
#include "postern_knock.h"
#include "postern_store.h"
#include "wish.h"

#define OPTION(symbol, name, letter, takes, help) {name, letter, takes, help},
static const struct verb_option options[] = {POSTERN_OPTIONS(OPTION)};

#define TAKES(option) VERB_TAKES(POSTERN_##option)
#define KNOCKING                                                                                 \
	(TAKES(SOURCE) | TAKES(IPV4) | TAKES(IPV6) | TAKES(TOKEN) | TAKES(OFFSET) | TAKES(VIA) | \
	 TAKES(PACE) | TAKES(VERBOSE))

static const struct verb verbs[] = {
    {"add", "[FILE]", 0, 1, TAKES(REPLACE),
     "Save an enrolment token, read from FILE or from standard input.", postern_store_add},
    {"list", "", 0, 0, TAKES(JSON), "List the saved enrolments.", postern_store_list},
    {"remove", "NAME", 1, 1, 0, "Remove a saved enrolment.", postern_store_remove},
    {"open", "NAME [DOOR...]", 0, 1 + WISH_DOORS,
     KNOCKING | TAKES(DRY_RUN) | TAKES(FOR) | TAKES(WAIT),
     "Knock, so that these doors (tcp/22; without any: all) open for this address.",
     postern_knock_open},
    {"close", "NAME [DOOR...]", 0, 1 + WISH_DOORS, KNOCKING | TAKES(DRY_RUN),
     "Knock, so that what this address was opened closes.", postern_knock_close},
    {"connect", "NAME PORT", 1, 2, KNOCKING | TAKES(FOR) | TAKES(WAIT) | TAKES(FDPASS),
     "Knock, connect to this TCP port and carry bytes, for ssh's ProxyCommand.",
     postern_connect_run},
};

static const struct verb_program program = {
    .name = "postern",
    .purpose = "Knock at a server that runs Postern. NAME is an enrolment's name or its host.",
    .verbs = verbs,
    .n_verbs = sizeof verbs / sizeof *verbs,
    .options = options,
    .n_options = sizeof options / sizeof *options,
};

int main(int argc, char **argv)
{
	return verb_main(&program, argc, argv);
}
